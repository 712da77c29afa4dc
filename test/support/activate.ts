// Activation without a server: what the activity records is kept in memory, and is what its next attempt looks up.

import { orderKeyOf } from '#activation/order/facts'
import type { Segment } from '#activation/segment/segment'
import { groupBy } from '#runtime/group-by'
import type { Row } from '#warehouse/warehouse'
import type { ActivationDependencies } from '../../activities/activation/activate.ts'
import type { BatchReader } from '../../activities/read-batch.ts'
import { activationTo, recordingWarehouse } from './activities.ts'
import { toLogged } from './logged-outcome.ts'

export function createActivation(
  segment: Segment,
  parts: Partial<ActivationDependencies> = {},
  reader?: BatchReader,
) {
  const { warehouse, of } = recordingWarehouse()
  const rows = () => of('activation_log')
  const lookUp = async () => factsOf(rows())
  const { run, handedOver } = activationTo(segment, { warehouse, lookUp, ...parts }, reader)
  return {
    activate: run,
    handedOver: () => handedOver().flatMap(({ events }) => events),
    /** The records of what became of events, in the order in which they were written. */
    records: () => rows().filter(({ outcome }) => outcome !== 'sending'),
  }
}

function factsOf(rows: readonly Row['columns'][]) {
  const logged = rows.map((columns, place) => ({
    order: orderKeyOf({
      partnerId: String(columns['partner_id']),
      orderId: String(columns['order_id']),
    }),
    row: toLogged(columns, place),
  }))
  const groups = groupBy(logged, ({ order }) => order)
  return new Map(
    [...groups].map(([order, own]) => [order, { staged: [], logged: own.map(({ row }) => row) }]),
  )
}
