// `npm run setup`: makes everything the pipeline needs in Pub/Sub, BigQuery and Temporal; safe to repeat.

import type { CliConfig } from '#runtime/config'
import { UsageError } from '#runtime/errors'
import { connectClient } from '#runtime/temporal'
import { createBigQuery } from '#warehouse/client'
import { explainBigQuery, oneLine } from '../google.ts'
import { setUpPubSub, type TopicSetup } from './pubsub.ts'
import { setUpSchedule } from './schedule.ts'
import { setUpSearchAttributes } from './search-attributes.ts'
import { type Change, setUpTables } from './tables.ts'

export type SetupOptions = {
  /** Subscriptions beside the bridge's own: of the topic of events, and of the retry topic. */
  readonly extraSubscriptions?: {
    readonly events: readonly string[]
    readonly retries: readonly string[]
  }
}

type Part = 'Pub/Sub' | 'BigQuery' | 'Temporal'
type Failure = { readonly part: Part; readonly error: unknown }

/** Some parts could not be set up; what was done to the others is in `changes`. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
  readonly exitCode: number
  readonly changes: readonly Change[]

  constructor(failures: readonly Failure[], changes: readonly Change[]) {
    super(linesOf(failures).join('\n'))
    this.changes = changes
    this.exitCode = failures.some(({ error }) => error instanceof UsageError) ? 2 : 1
  }
}

/**
 * The parts are set up at the same time, each as far as it goes.
 * @returns what was made and what was there, in the order of the way of an event
 * @throws SetupError that names every part that failed
 */
export async function setUp(config: CliConfig, options: SetupOptions = {}): Promise<Change[]> {
  const parts: readonly [Part, Promise<Change[]>][] = [
    ['Pub/Sub', setUpPubSub(config, topicsOf(config, options))],
    ['BigQuery', setUpBigQuery(config)],
    ['Temporal', setUpTemporal(config)],
  ]
  const results = await Promise.allSettled(parts.map(([, changes]) => changes))
  const changes = results.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const failures = parts.flatMap(([part], i): Failure[] => {
    const result = results[i]
    return result?.status === 'rejected' ? [{ part, error: result.reason }] : []
  })
  if (failures.length > 0) throw new SetupError(failures, changes)
  return changes
}

/** As long as Pub/Sub can, since nothing else has what is in it. */
const DEAD_LETTERS_KEPT_DAYS = 31

function topicsOf(config: CliConfig, { extraSubscriptions }: SetupOptions): TopicSetup[] {
  const { events = [], retries = [] } = extraSubscriptions ?? {}
  return [
    {
      topic: config.PUBSUB_TOPIC,
      subscriptions: [config.PUBSUB_SUBSCRIPTION, ...events],
    },
    {
      topic: config.PUBSUB_RETRY_TOPIC,
      subscriptions: [config.PUBSUB_RETRY_SUBSCRIPTION, ...retries],
    },
    {
      topic: config.PUBSUB_DEAD_LETTER_TOPIC,
      // For people: nothing of the pipeline pulls it.
      subscriptions: [`${config.PUBSUB_DEAD_LETTER_TOPIC}-inspect`],
      keepsDays: DEAD_LETTERS_KEPT_DAYS,
    },
  ]
}

async function setUpBigQuery(config: CliConfig): Promise<Change[]> {
  try {
    return await setUpTables(createBigQuery(config), config.BIGQUERY_LOCATION)
  } catch (error) {
    throw explainBigQuery(error, config)
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

/** A line for each reason: parts that fail for the same one share it. */
function linesOf(failures: readonly Failure[]): string[] {
  const parts = new Map<string, Part[]>()
  for (const { part, error } of failures) {
    const reason = oneLine(error)
    parts.set(reason, [...(parts.get(reason) ?? []), part])
  }
  return [...parts].map(([reason, names]) => `Not set up: ${names.join(', ')}. ${reason}`)
}
