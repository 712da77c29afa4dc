// SQL that several statements share: the rejected messages of a partner, with what became of each.

import { DATASET, IS_ENDED } from '#contracts'
import { IS_PARTNERS, inPeriod, type PartnerPeriod } from './partner-period.ts'
import { fateSql } from './rejected-fate.ts'

export type RejectedOf = PartnerPeriod & {
  /** Only what waits to be corrected: in an open dead letter, and not corrected by another message. */
  readonly open: boolean
}

/**
 * Common table expressions, the last of which is `counted`. What the partner has sent again, corrected, may be open
 * still, and yet does not wait to be corrected.
 */
export const rejectedSql = (of: RejectedOf): string => `WITH RECURSIVE ${rejected(of)},
${fateSql(of.since !== undefined)},
counted AS (SELECT * FROM fate WHERE ${of.open ? 'is_waiting = 1' : 'TRUE'})`

/** Each message once: as it first failed, or, of the open ones, as it failed last. A batch that was stopped is no fault of the partner. */
const rejected = (of: RejectedOf) => `rejected AS (
  SELECT message_id, publish_time, type, event_id, order_id, data, faults, reasons
  FROM ${DATASET}.${of.open ? 'open_dead_letter' : 'dead_letter'}
  WHERE partner_id = @partner AND stage = 'validation' AND ${IS_PARTNERS}
    AND NOT ${IS_ENDED}
    ${of.open ? '' : 'AND COALESCE(attempt, 0) = 0'} ${inPeriod(of)}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY message_id, publish_time ORDER BY ingested_at) = 1
)`
