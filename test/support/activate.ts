// Activation without a server: what the activity records is kept in memory, and is what its next attempt looks up.

import type { LoggedOutcome } from '#activation/order/facts'
import { orderKeyOf } from '#activation/order/facts'
import type { Segment } from '#activation/segment/segment'
import { type ActivationRequest, runOf } from '#contracts'
import { toUtcMicros } from '#contracts/event/timestamp'
import { groupBy } from '#runtime/group-by'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { createActivateEvents } from '../../activities/activate-events.ts'
import {
  type ActivationDependencies,
  createActivate,
} from '../../activities/activation/activate.ts'
import type { BatchEvent } from '../../activities/read-batch.ts'
import { createBatchReader } from '../../activities/read-batch.ts'
import { attempt, metrics, RULES } from './activities.ts'

const SILENT = {
  reportTrouble: async () => {},
  reportAccepted: async () => {},
  isProbing: async () => false,
}

export function createActivation(
  segment: Segment,
  overrides: Partial<Pick<ActivationDependencies, 'rules' | 'metrics' | 'governor'>> = {},
  reader = createBatchReader(),
) {
  const rows: Row[] = []
  const handedOver: BatchEvent[] = []
  const warehouse: Warehouse = {
    append: async (_table, added) => {
      rows.push(...added)
      return { written: added.length, failed: [] }
    },
  }
  const activateEvents = createActivateEvents({
    reader,
    activate: createActivate({
      segment,
      warehouse,
      rules: RULES,
      governor: SILENT,
      metrics,
      ...overrides,
      lookUp: async () => factsOf(rows),
    }),
    handOver: async (_run, events) => void handedOver.push(...events),
    writeLedger: async () => {},
  })
  return {
    activateEvents,
    /** One attempt. */
    activate: (batch: Uint8Array, skip: readonly number[] = [], info = {}) => {
      const request: ActivationRequest = { batchId: 'batch-1', skip }
      return attempt(activateEvents, [batch, request], info)
    },
    handedOver,
    /** The final records, in the order in which they were written. */
    records: () =>
      rows.map(({ columns }) => columns).filter(({ outcome }) => outcome !== 'sending'),
    rows,
  }
}

function factsOf(rows: readonly Row[]) {
  const logged = rows.map(({ columns }, place) => ({
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

function toLogged(columns: Row['columns'], place: number): LoggedOutcome {
  const text = (name: string) => (typeof columns[name] === 'string' ? columns[name] : null)
  return {
    type: columns['type'] === 'purchase' ? 'purchase' : 'cancellation',
    eventId: text('event_id') ?? '',
    contentHash: text('content_hash') ?? '',
    customerId: text('customer_id'),
    amount: text('amount'),
    currency: text('currency'),
    publishTime: toUtcMicros(text('publish_time') ?? '') ?? '',
    messageId: text('message_id') ?? '',
    runId: runOf(text('batch_id') ?? ''),
    outcome: OUTCOMES.find((outcome) => outcome === columns['outcome']) ?? 'failed',
    reason: text('reason'),
    call: CALLS.find((call) => call === columns['call']) ?? null,
    value: text('value'),
    toldAt: text('told_at'),
    googleAds: text('google_ads'),
    clickId: null,
    recordedAt: String(place).padStart(9, '0'),
  }
}

const OUTCOMES = ['accepted', 'not_activated', 'failed', 'waiting', 'sending', 'unsent'] as const
const CALLS = ['Order Completed', 'Order Updated', 'Order Cancelled', 'Order Refunded'] as const
