// `npm run setup`: makes everything the pipeline needs in Pub/Sub, BigQuery and Temporal; safe to repeat.

import { createBigQuery } from '#runtime/bigquery'
import type { CliConfig } from '#runtime/config'
import { connectClient } from '#runtime/temporal'
import { setUpPubSub } from './setup/pubsub.ts'
import { setUpSearchAttributes } from './setup/search-attributes.ts'
import { type Change, setUpTables } from './setup/tables.ts'

export type SetupOptions = {
  /** Subscriptions beside the bridge's own. */
  readonly extraSubscriptions?: readonly string[]
}

/** @returns what was made and what was there, in the order of the way of an event */
export async function setUp(config: CliConfig, options: SetupOptions = {}): Promise<Change[]> {
  const subscriptions = [config.PUBSUB_SUBSCRIPTION, ...(options.extraSubscriptions ?? [])]
  const client = await connectClient()
  try {
    const changes = await Promise.all([
      setUpPubSub(config, { topic: config.PUBSUB_TOPIC, subscriptions }),
      setUpTables(createBigQuery(config), config.BIGQUERY_LOCATION),
      setUpSearchAttributes(client),
    ])
    return changes.flat()
  } finally {
    await client.connection.close()
  }
}
