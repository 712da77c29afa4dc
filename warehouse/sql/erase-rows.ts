// Erases the rows of a person in one table: they keep what the counts need, and lose what says who the person is.

import { z } from 'zod'
import { DATASET, ERASED, PSEUDONYM, TABLES } from '#contracts'
import type { Messages } from './person-messages.ts'
import { isPseudonym, personCondition, type RowTable } from './person-rows.ts'

/** Rows with the same value before have the same value afterwards, so that versions, duplicates and staged rows are counted as before. */
const pseudonym = (column: string) =>
  `IF(${isPseudonym(column)}, ${column}, CONCAT('${PSEUDONYM}', SUBSTR(TO_HEX(SHA256(CONCAT(@salt, ${column}))), 1, 32)))`

const WORD = () => `'${ERASED}'`
const DAY = (column: string) => `TIMESTAMP_TRUNC(${column}, DAY)`

/** Where a row comes from, and what was decided on it: counted, and not about the person. */
const KEPT = [
  'message_id',
  'publish_time',
  'batch_id',
  'ingested_at',
  'partner_id',
  'type',
  'reasons',
  'decision',
  'part',
  'parts',
  'dead_letter_id',
  'stage',
  'attempt',
  'outcome',
  'google_ads',
  'google_ads_reason',
  'omitted_identifiers',
  'car_model',
  'amount',
  'currency',
  'partial',
  'schema_version',
]

/** What takes the place of a value that must be there. */
const REPLACED: Readonly<Record<string, (column: string, table: RowTable) => string>> = {
  order_id: pseudonym,
  event_id: pseudonym,
  content_hash: pseudonym,
  segment_message_id: pseudonym,
  customer_id: WORD,
  timestamp: DAY,
  attributes: () => "JSON '{}'",
  faults: () => "JSON '[]'",
  data: (_, table) => (table === 'audit_log' ? `b'${ERASED}'` : 'NULL'),
  reason: (column, table) => (table === 'activation_log' ? column : `'${ERASED}'`),
}

/** Every column that is not kept: replaced, or null. A column that is added later is null until somebody decides otherwise. */
export function erasedColumns(table: RowTable): ReadonlyMap<string, string> {
  const columns = TABLES.find(({ name }) => name === table)?.columns ?? []
  const lost = columns.map(({ name }) => name).filter((name) => !KEPT.includes(name))
  return new Map(lost.map((name) => [name, REPLACED[name]?.(name, table) ?? 'NULL']))
}

/** @param salt what the pseudonyms are made with */
export function eraseRows(table: RowTable, messages: Messages, salt: string) {
  const { where, params } = personCondition(table, messages)
  const set = [...erasedColumns(table)].map(([name, value]) => `${name} = ${value}`)
  return {
    sql: `UPDATE ${DATASET}.${table} SET ${set.join(', ')}\nWHERE ${where}`,
    params: { ...params, salt },
    row: z.unknown(),
  }
}
