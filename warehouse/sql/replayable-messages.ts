// The messages of the audit log that a replay may publish again, and whether each is staged or waits in a dead letter.

import { z } from 'zod'
import { CONTENTS, DATASET, ERASED, IS_WHOLE_BATCH } from '#contracts'
import type { Params } from '../read.ts'
import { bytes, count, json, microseconds } from './columns.ts'

export type ReplaySelection = {
  /** RFC 3339, UTC, by publish time: `since` is included, and `until` is not. */
  readonly since: string
  readonly until: string
  readonly partner?: string | undefined
  readonly type?: string | undefined
  /** The workflow id of a batch; the batches it was split into are of it. */
  readonly batch?: string | undefined
  readonly decision: 'accepted' | 'rejected' | 'any'
  /** Messages that are staged as well. */
  readonly includesStaged: boolean
  /** The last message that was published already. */
  readonly after?: { readonly publishTime: string; readonly messageId: string } | undefined
}

const IDENTITY = ['partner_id', 'type', 'order_id', 'event_id']

const staged = (columns: string) => `SELECT ${columns} FROM ${DATASET}.staging_purchase
  UNION DISTINCT
  SELECT ${columns} FROM ${DATASET}.staging_cancellation`

/**
 * One row a message, however often it was delivered: its first accepted delivery, or else its first. A message that was cut
 * into parts is too large for the contract, and one that was erased is gone: neither is there. `state` is `staged` where a
 * row has its contents, or is of this message with contents that a person corrected.
 */
const candidates = (selection: ReplaySelection, columns: string) => `WITH message AS (
  SELECT message_id, publish_time, decision, ${IDENTITY.join(', ')}, ${CONTENTS} AS contents, ${columns}
  FROM ${DATASET}.audit_log
  WHERE ${conditionsOf(selection).join('\n    AND ')}
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY message_id, publish_time ORDER BY IF(decision = 'accepted', 0, 1), ingested_at) = 1
),
staged_contents AS (
  ${staged(`${IDENTITY.join(', ')}, ${CONTENTS} AS contents`)}
),
staged_message AS (
  ${staged('message_id, publish_time')}
),
open_message AS (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.open_dead_letter
),
candidate AS (
  SELECT message.*,
    CASE
      WHEN staged_contents.contents IS NOT NULL OR staged_message.message_id IS NOT NULL THEN 'staged'
      WHEN open_message.message_id IS NOT NULL THEN 'open'
      ELSE 'missing'
    END AS state
  FROM message
  LEFT JOIN staged_contents
    ON ${[...IDENTITY, 'contents'].map((name) => `staged_contents.${name} = message.${name}`).join(' AND ')}
  LEFT JOIN staged_message
    ON staged_message.message_id = message.message_id
    AND staged_message.publish_time = message.publish_time
  LEFT JOIN open_message
    ON open_message.message_id = message.message_id
    AND open_message.publish_time = message.publish_time
  ${selection.decision === 'any' ? '' : `WHERE message.decision = '${selection.decision}'`}
)`

function conditionsOf({ partner, type, batch, after }: ReplaySelection): string[] {
  return [
    'publish_time >= TIMESTAMP(@since)',
    'publish_time < TIMESTAMP(@until)',
    'parts = 1',
    `NOT ${IS_WHOLE_BATCH}`,
    `data != b'${ERASED}'`,
    ...(partner === undefined ? [] : ['partner_id = @partner']),
    ...(type === undefined ? [] : ['type = @type']),
    ...(batch === undefined
      ? []
      : ["(batch_id = @batch OR STARTS_WITH(batch_id, CONCAT(@batch, '/')))"]),
    ...(after === undefined
      ? []
      : [
          'publish_time >= TIMESTAMP(@after_time)',
          '(publish_time > TIMESTAMP(@after_time) OR message_id > @after_id)',
        ]),
  ]
}

function paramsOf({ since, until, partner, type, batch, after }: ReplaySelection): Params {
  return {
    since,
    until,
    ...(partner !== undefined && { partner }),
    ...(type !== undefined && { type }),
    ...(batch !== undefined && { batch }),
    ...(after && { after_time: after.publishTime, after_id: after.messageId }),
  }
}

const counts = z.object({
  partner_id: z.string(),
  type: z.string().nullable(),
  messages: count,
  /** Those that are staged, and those that wait in an open dead letter. */
  staged: count,
  open: count,
  /** Of those that are neither, and of all that wait in no dead letter. */
  missing_bytes: count,
  bytes: count,
})

export type ReplayCounts = z.output<typeof counts>

/** By partner and type. */
export const countReplayable = (selection: ReplaySelection) => ({
  sql: `${candidates(selection, 'LENGTH(data) AS bytes')}
SELECT partner_id, type, COUNT(*) AS messages,
  COUNTIF(state = 'staged') AS staged, COUNTIF(state = 'open') AS open,
  SUM(IF(state = 'missing', bytes, 0)) AS missing_bytes,
  SUM(IF(state = 'open', 0, bytes)) AS bytes
FROM candidate GROUP BY partner_id, type ORDER BY partner_id, type`,
  params: paramsOf(selection),
  row: counts,
})

const message = z.object({
  message_id: z.string(),
  publish_time: microseconds,
  data: bytes,
  attributes: json.pipe(z.record(z.string(), z.string())),
})

export type ReplayableMessage = z.output<typeof message>

/** In the order of publish time and message id. What waits in an open dead letter is not among them. */
export const replayableMessages = (selection: ReplaySelection) => ({
  sql: `${candidates(selection, 'data, attributes')}
SELECT message_id, publish_time, data, attributes FROM candidate
WHERE state ${selection.includesStaged ? "!= 'open'" : "= 'missing'"}
ORDER BY publish_time, message_id`,
  params: paramsOf(selection),
  row: message,
})
