// Counts the batches that are cut, by what ended each of them.

import type { BRIDGE_METRICS } from '#runtime/metrics/bridge-metrics'
import type { BridgeMetrics } from '#runtime/metrics/groups'
import { dataBytes } from './batcher.ts'
import type { AckGroup, Caps } from './cut-batches.ts'
import type { Delivery } from './source.ts'

export type Cause = (typeof BRIDGE_METRICS)['batchesCut']['labels']['cause'][number]

type CutMetrics = Pick<BridgeMetrics, 'batchesCut' | 'batchEvents'>

/** Why a pending batch ended. Pure. @param isStopping whether the bridge drains */
export function endOf(
  deliveries: readonly Delivery[],
  { maxEvents, maxBytes }: Caps,
  isStopping: boolean,
): Cause {
  if (deliveries.length >= maxEvents) return 'events'
  if (dataBytes(deliveries) >= maxBytes) return 'bytes'
  return isStopping ? 'drain' : 'linger'
}

/** Why each group of a pending batch is a group of its own, in the same order. Pure. @param end why the last one ended */
export function causesOf(groups: readonly AckGroup[], { maxEvents }: Caps, end: Cause): Cause[] {
  const whole = groups.filter((group) => !isOversized(group))
  return groups.map((group) => {
    if (isOversized(group)) return 'message_too_large'
    if (group === whole.at(-1)) return end
    return group.deliveries.length >= maxEvents ? 'events' : 'bytes'
  })
}

const isOversized = ({ batches }: AckGroup) => batches[0]?.[0]?.part !== undefined

export function countBatch(
  { batchesCut, batchEvents }: CutMetrics,
  { batches, deliveries }: AckGroup,
  cause: Cause,
): void {
  batchesCut.add(batches.length, { cause })
  batchEvents.record([[deliveries.length, 1]])
}
