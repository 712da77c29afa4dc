// Sets the metrics of the backlog of Pub/Sub, again and again.

import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics/groups'
import { abortableSleep } from './abortable-sleep.ts'
import type { ReadBacklog } from './monitoring.ts'

export type BacklogWatch = {
  readonly read: ReadBacklog
  readonly subscriptions: readonly string[]
  /** Milliseconds between two reads. */
  readonly everyMs: number
  readonly metrics: Pick<BridgeMetrics, 'backlogMessages' | 'backlogAge'>
  readonly log: Logger
}

/**
 * Runs until `signal` aborts; never throws. A value that was known and is not any more becomes NaN, because an old value would
 * look like a present one. A failure is logged once, until a read succeeds.
 */
export async function watchBacklog(watch: BacklogWatch, signal: AbortSignal): Promise<void> {
  const { read, everyMs, log } = watch
  const setAll = createSetter(watch)
  let hasFailed = false
  while (!signal.aborted) {
    try {
      setAll(await read('num_undelivered_messages'), await read('oldest_unacked_message_age'))
      hasFailed = false
    } catch (err) {
      if (!hasFailed) log.warn({ err }, CANNOT_READ)
      hasFailed = true
      setAll(new Map(), new Map())
    }
    await abortableSleep(everyMs, signal)
  }
}

const CANNOT_READ =
  'cannot read the backlog of Pub/Sub from Cloud Monitoring: the bridge needs roles/monitoring.viewer. Pulling is not affected'

type Values = ReadonlyMap<string, number>

function createSetter({ subscriptions, metrics }: BacklogWatch) {
  const setOne = ({ set }: Pick<BridgeMetrics['backlogAge'], 'set'>) => {
    const known = new Set<string>()
    return (values: Values) => {
      for (const subscription of [...values.keys()].filter((one) => subscriptions.includes(one)))
        known.add(subscription)
      for (const subscription of known)
        set(values.get(subscription) ?? Number.NaN, { subscription })
    }
  }
  const [setMessages, setAge] = [setOne(metrics.backlogMessages), setOne(metrics.backlogAge)]
  return (messages: Values, ages: Values) => {
    setMessages(messages)
    setAge(ages)
  }
}
