// Makes everything the pipeline needs in Pub/Sub, BigQuery and Temporal; safe to repeat.

import type { CliConfig } from '#runtime/config'
import { connectClient } from '#runtime/temporal'
import { toBigQueryError } from '#warehouse/bigquery-error'
import { createBigQuery } from '#warehouse/client'
import type { Change } from './change.ts'
import { setUpPubSub } from './pubsub.ts'
import { setUpSchedule } from './schedule.ts'
import { setUpSearchAttributes } from './search-attributes.ts'
import { type Service, SetupError, type SetupFailure } from './setup-error.ts'
import { setUpTables } from './tables.ts'
import { type ExtraSubscriptions, topicsOf } from './topics.ts'

export type SetupOptions = {
  readonly extraSubscriptions?: ExtraSubscriptions
}

/**
 * The services are set up at the same time, each as far as it goes.
 * @returns what was made and what was there, in the order of the way of an event
 * @throws SetupError that names every service that failed
 */
export async function setUp(config: CliConfig, options: SetupOptions = {}): Promise<Change[]> {
  const services: readonly [Service, Promise<Change[]>][] = [
    ['Pub/Sub', setUpPubSub(config, topicsOf(config, options.extraSubscriptions))],
    ['BigQuery', setUpBigQuery(config)],
    ['Temporal', setUpTemporal(config)],
  ]
  const results = await Promise.allSettled(services.map(([, changes]) => changes))
  const changes = results.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const failures = services.flatMap(([service], i): SetupFailure[] => {
    const result = results[i]
    return result?.status === 'rejected' ? [{ service, error: result.reason }] : []
  })
  if (failures.length > 0) throw new SetupError(failures, changes)
  return changes
}

async function setUpBigQuery(config: CliConfig): Promise<Change[]> {
  const bigquery = createBigQuery(config)
  try {
    return await setUpTables(bigquery, config.BIGQUERY_LOCATION)
  } catch (error) {
    throw toBigQueryError(error, bigquery)
  }
}

async function setUpTemporal(config: CliConfig): Promise<Change[]> {
  const client = await connectClient()
  try {
    const changes = await setUpSearchAttributes(client)
    return [...changes, await setUpSchedule(client, scheduleOf(config))]
  } finally {
    await client.connection.close()
  }
}

const scheduleOf = (config: CliConfig) => ({
  taskQueue: config.TEMPORAL_TASK_QUEUE,
  everyMinutes: config.SWEEP_INTERVAL_MINUTES,
})
