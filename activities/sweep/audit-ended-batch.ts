// Writes the messages of a batch that ended early to the audit log, as far as the batch has not written them.

import { type Message, type ParseResult, reasonsOf } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Reader } from '#warehouse/read'
import { auditedMessages } from '#warehouse/sql/audited-messages'
import type { Warehouse } from '#warehouse/warehouse'
import { appendAll } from '../append-all.ts'
import type { BatchMessage } from '../read-batch.ts'
import { auditRow } from '../write-audit-log.ts'
import { publishSpan } from './publish-span.ts'

/** The decisions that the batch itself has written to the audit log, by `partKeyOf`. */
export function createFindAudited(read: Reader) {
  return async function findAudited(
    batchId: string,
    messages: readonly BatchMessage[],
  ): Promise<ReadonlyMap<string, string>> {
    const span = publishSpan(messages.map(({ message }) => message))
    const audited = await read(auditedMessages({ batchId, ...span }))
    return new Map(audited.map((row) => [keyOf(row), row.decision]))
  }
}

/** @throws ApplicationFailure of the registry; also where BigQuery refuses a row, because the audit log takes every message */
export function createAuditEndedBatch(warehouse: Warehouse, metrics: ActivityMetrics) {
  return async function auditEndedBatch(
    batchId: string,
    messages: readonly BatchMessage[],
  ): Promise<void> {
    const rows = messages.map((one) => auditRow(one, batchId, whyRejected(one.parsed)))
    await appendAll({ warehouse, metrics }, 'audit_log', rows)
  }
}

const whyRejected = (parsed: ParseResult) => (parsed.accepted ? undefined : reasonsOf(parsed))

/** A message that was cut into parts has a row for each part. */
export const partKeyOf = (message: Message): string =>
  keyOf({ ...message, part: message.part?.index ?? 0 })

type Key = Pick<Message, 'messageId' | 'publishTime'> & { readonly part: number }

const keyOf = ({ messageId, publishTime, part }: Key) =>
  JSON.stringify([messageId, Date.parse(publishTime), part])
