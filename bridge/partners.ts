// The partner registry of the bridge, which takes the fairness weights of noisy partners from it.

import type { Logger } from '#runtime/log'
import type { ProcessMetrics } from '#runtime/metrics/groups'
import { LOOK_EVERY_MS, readRegistry, watchRegistry } from '#runtime/partners/registry'
import { reportReads } from '#runtime/partners/report-reads'

/**
 * Reads the registry and follows its edits.
 * @throws ConfigError where the registry cannot be used
 */
export async function followPartners(
  file: string | undefined,
  { partnerRegistryReads }: ProcessMetrics,
  log: Logger,
) {
  const reports = reportReads(log, partnerRegistryReads)
  return watchRegistry(file, await readRegistry(file), { everyMs: LOOK_EVERY_MS, ...reports })
}
