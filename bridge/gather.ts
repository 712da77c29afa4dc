// Pulls deliveries and gathers them: small and quick when there are few, large when there are many.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Pull } from './patient-pull.ts'
import type { Delivery } from './source.ts'

export type Gathering = {
  /** Most deliveries gathered before they go on. */
  readonly maxEvents: number
  /** Bytes of data after which they go on; the last pull may exceed it. */
  readonly maxBytes: number
  /** How long the first of them may wait for more, in milliseconds. */
  readonly lingerMs: number
}

/**
 * Yields deliveries until `signal` aborts; what was gathered by then is still yielded.
 * A pull that outlives the linger is never cancelled, since its messages would only come back after their
 * ack deadline: its answer opens the next gathering.
 *
 * @param admit resolves when more may be pulled: back-pressure
 */
export async function* gather(
  pull: Pull,
  { maxEvents, maxBytes, lingerMs }: Gathering,
  admit: () => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<readonly Delivery[]> {
  let pending: ReturnType<Pull> | undefined
  while (!signal.aborted) {
    // What is pulled already goes on: held back, it would only come again after its ack deadline.
    if (!pending) await admit()
    if (signal.aborted && !pending) break
    const gathered = [...(await (pending ?? pull(maxEvents, signal)))]
    pending = undefined
    if (gathered.length === 0) continue
    // Without a reference, so that what is left of a long linger does not keep a drained process alive.
    const lingered = sleep(lingerMs, 'lingered' as const, { ref: false })
    while (!signal.aborted && gathered.length < maxEvents && bytesOf(gathered) < maxBytes) {
      pending ??= pull(maxEvents - gathered.length, signal)
      const more = await Promise.race([pending, lingered])
      if (more === 'lingered') break
      pending = undefined
      gathered.push(...more)
    }
    yield gathered
  }
  if (pending) yield await pending
}

function bytesOf(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((total, { message }) => total + message.data.length, 0)
}
