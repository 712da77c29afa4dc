// Checks a configured environment from end to end, and says how to fix what it finds.

import type { CliConfig } from '#runtime/config'
import { checkBigQueryPermissions } from './checks/bigquery-permissions.ts'
import { checkBigQueryTables } from './checks/bigquery-tables.ts'
import { checkClock } from './checks/clock.ts'
import { checkConfiguration } from './checks/configuration.ts'
import { checkCredentials } from './checks/credentials.ts'
import { checkPartnerRegistry } from './checks/partner-registry.ts'
import { checkPayloadKeys } from './checks/payload-keys.ts'
import { checkPubSubPermissions } from './checks/pubsub-permissions.ts'
import { checkPubSubSettings } from './checks/pubsub-settings.ts'
import { checkSearchAttributes } from './checks/search-attributes.ts'
import { checkSegment } from './checks/segment.ts'
import { checkSweepSchedule } from './checks/sweep-schedule.ts'
import { checkTemporalNamespace } from './checks/temporal-namespace.ts'
import { checkVersions } from './checks/versions.ts'
import { checkWorkers } from './checks/workers.ts'
import type { CheckResult } from './finding.ts'
import { type Check, runChecks } from './run-checks.ts'
import { createSite, type Environment } from './site.ts'

/** In the order in which a person fixes what they find. */
const CHECKS: readonly Check[] = [
  { name: 'configuration', run: checkConfiguration },
  { name: 'versions', run: checkVersions },
  { name: 'clock', run: checkClock },
  { name: 'credentials', run: checkCredentials },
  { name: 'Pub/Sub settings', run: checkPubSubSettings },
  { name: 'Pub/Sub permissions', run: checkPubSubPermissions },
  { name: 'BigQuery tables', run: checkBigQueryTables },
  { name: 'BigQuery permissions', run: checkBigQueryPermissions },
  { name: 'Temporal namespace', run: checkTemporalNamespace },
  { name: 'search attributes', run: checkSearchAttributes },
  { name: 'sweep', run: checkSweepSchedule },
  { name: 'workers', run: checkWorkers },
  { name: 'payload keys', run: checkPayloadKeys },
  { name: 'partner registry', run: checkPartnerRegistry },
  { name: 'Segment', run: checkSegment },
]

/**
 * All checks run at the same time and change nothing.
 * @param environment the variables from which the bridge and the worker read their configuration
 * @returns a result for each check; never rejects because of what a check finds
 */
export async function examine(config: CliConfig, environment: Environment): Promise<CheckResult[]> {
  const site = createSite(config, environment)
  try {
    return await runChecks(CHECKS, site)
  } finally {
    await site.close()
  }
}
