// Pulls deliveries and collects them into pending batches: small ones when few messages come, full ones when many do.

import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '#runtime/clock'
import type { Pull } from './pull-with-backoff.ts'
import type { Delivery } from './source.ts'

export type BatcherOptions = {
  /** Pulls that are outstanding at once. */
  readonly pulls: number
  /** Deliveries with which a pending batch is full; the last answers may exceed it. */
  readonly maxEvents: number
  /** Bytes of data with which a pending batch is full; the last answers may exceed it. */
  readonly maxBytes: number
  /** How long the first delivery of a pending batch may wait for more, in milliseconds. */
  readonly lingerMs: number
}

/**
 * Yields the deliveries of one pending batch after the other until `signal` aborts. Deliveries that were collected by then,
 * or that come from pulls under way, are still yielded. A pull that is still waiting when a batch is yielded is never
 * cancelled, since its messages would only come back after their ack deadline: its answer joins the next batch. While no
 * consumer asks for the next batch, no pull is started.
 */
export async function* pendingBatches(
  pull: Pull,
  { pulls, maxEvents, maxBytes, lingerMs }: BatcherOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly Delivery[]> {
  const waiting = new Set<Promise<void>>()
  let collected: Delivery[] = []
  let since = 0

  const collect = async () => {
    const deliveries = await pull(maxEvents, signal)
    if (collected.length === 0) since = monotonicMs()
    collected.push(...deliveries)
  }
  const startPull = () => {
    const answer = collect().finally(() => waiting.delete(answer))
    waiting.add(answer)
  }
  const nextAnswer = async () => {
    while (waiting.size < pulls) startPull()
    if (collected.length === 0) return Promise.race(waiting)
    // The timer is not referenced, so that the rest of a long linger does not keep a drained process alive.
    const remainingMs = Math.max(0, since + lingerMs - monotonicMs())
    const lingered = sleep(remainingMs, undefined, { ref: false })
    return Promise.race([...waiting, lingered])
  }
  const isDue = () =>
    collected.length >= maxEvents ||
    dataBytes(collected) >= maxBytes ||
    (collected.length > 0 && monotonicMs() >= since + lingerMs)
  const take = () => {
    const taken = collected
    collected = []
    return taken
  }

  while (!signal.aborted) {
    while (!signal.aborted && !isDue()) await nextAnswer()
    if (collected.length > 0) yield take()
  }
  await Promise.all(waiting)
  if (collected.length > 0) yield take()
}

/** Bytes of the data of all messages. */
export function dataBytes(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((total, { message }) => total + message.data.length, 0)
}
