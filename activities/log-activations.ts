// Records the outcome of each event at Segment.

import { segmentMessageId } from '#activation/to-call'
import { type ActivationGroup, identityOf } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'
import { acceptedOf, type BatchEvent, type BatchMessage, type BatchReader } from './read-batch.ts'

export type Activations = {
  /** The workflow id of the run that activated the events: a batch or a dead letter. */
  readonly batchId: string
  /** The number of the redrive; absent where it is the batch. It is in the keys of the rows, so that a redrive writes new rows. */
  readonly attempt?: number
  /** Indexes of events that did not reach activation. */
  readonly skip: readonly number[]
  readonly activation: readonly ActivationGroup[]
}

/** @throws ApplicationFailure of the registry; also where BigQuery refuses a row, because the pipeline itself makes these rows */
export function createLogActivations(
  reader: BatchReader,
  warehouse: Warehouse,
  namespace: string,
  metrics: ActivityMetrics,
) {
  return async function logActivations(batch: Uint8Array, activations: Activations): Promise<void> {
    const rows = activationRows(reader.read(batch), activations, namespace)
    await appendAll({ warehouse, metrics }, 'activation_log', rows)
  }
}

/** A row for each event that was sent to Segment or held back from it. Pure. */
export function activationRows(
  messages: readonly BatchMessage[],
  activations: Activations,
  namespace: string,
): Row[] {
  const { events: accepted } = acceptedOf(messages, activations.skip)
  const events = new Map(accepted.map((event) => [event.index, event]))
  return activations.activation.flatMap((group) =>
    group.indexes.flatMap((index) => {
      const event = events.get(index)
      return event ? [activationRow(event, group, { ...activations, namespace })] : []
    }),
  )
}

function activationRow(
  { message, event }: BatchEvent,
  { outcome, reason, googleAds, omitted = [] }: ActivationGroup,
  { batchId, attempt, namespace }: { batchId: string; attempt?: number; namespace: string },
): Row {
  const run = attempt === undefined ? [batchId] : [batchId, String(attempt)]
  return {
    key: [...run, ...identityOf(event), message.messageId],
    columns: {
      event_id: event.event_id,
      partner_id: event.partner_id,
      type: event.type,
      order_id: event.order_id,
      content_hash: event.content_hash,
      outcome,
      reason,
      segment_message_id: segmentMessageId(event, namespace),
      ...googleAdsColumns(googleAds),
      omitted_identifiers: [...omitted],
      message_id: message.messageId,
      publish_time: message.publishTime,
      batch_id: batchId,
    },
  }
}

/** Nothing is known of Google Ads in a group of an earlier version. */
function googleAdsColumns(googleAds: ActivationGroup['googleAds']) {
  if (googleAds === undefined) return { google_ads: null, google_ads_reason: null }
  const isIntended = googleAds === 'intended'
  return {
    google_ads: isIntended ? 'intended' : 'excluded',
    google_ads_reason: isIntended ? null : googleAds,
  }
}
