// Pulls deliveries and gathers them: as many as come within the linger when there are few, full batches when there are many.

import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '#runtime/clock'
import type { Pull } from './pull-with-backoff.ts'
import type { Delivery } from './source.ts'

export type PendingBatch = {
  /** Pulls that are outstanding at once. */
  readonly pulls: number
  /** Deliveries with which a gathering is full; the last answers may exceed it. */
  readonly maxEvents: number
  /** Bytes of data with which it is full; the last answers may exceed it. */
  readonly maxBytes: number
  /** How long the first of them may wait for more, in milliseconds. */
  readonly lingerMs: number
}

/**
 * Yields deliveries until `signal` aborts; what was gathered by then, or comes of pulls under way, is still yielded.
 * A pull that outlives a gathering is never cancelled, since its messages would only come back after their ack
 * deadline: its answer joins the next. Asks for no more while nobody takes what is gathered.
 */
export async function* gather(
  pull: Pull,
  { pulls, maxEvents, maxBytes, lingerMs }: PendingBatch,
  signal: AbortSignal,
): AsyncGenerator<readonly Delivery[]> {
  const pending = new Set<Promise<void>>()
  let gathered: Delivery[] = []
  let since = 0

  const join = async () => {
    const deliveries = await pull(maxEvents, signal)
    if (gathered.length === 0) since = monotonicMs()
    gathered.push(...deliveries)
  }
  const ask = () => {
    const answer = join().finally(() => pending.delete(answer))
    pending.add(answer)
  }
  const nextAnswer = async () => {
    while (pending.size < pulls) ask()
    if (gathered.length === 0) return Promise.race(pending)
    // Without a reference, so that what is left of a long linger does not keep a drained process alive.
    const lingered = sleep(since + lingerMs - monotonicMs(), undefined, { ref: false })
    return Promise.race([...pending, lingered])
  }
  const isDue = () =>
    gathered.length >= maxEvents ||
    dataBytes(gathered) >= maxBytes ||
    (gathered.length > 0 && monotonicMs() >= since + lingerMs)
  const take = () => {
    const taken = gathered
    gathered = []
    return taken
  }

  while (!signal.aborted) {
    while (!signal.aborted && !isDue()) await nextAnswer()
    if (gathered.length > 0) yield take()
  }
  await Promise.all(pending)
  if (gathered.length > 0) yield take()
}

function dataBytes(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((total, { message }) => total + message.data.length, 0)
}
