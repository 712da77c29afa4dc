// How many events dead letters have, by stage, partner, type and reasons; the dead letter with the oldest event first.

import { z } from 'zod'
import { lastEvents } from '#contracts'
import type { Params, Reader } from '../read.ts'
import { count } from './columns.ts'

/** Every filter that is set must let an event through. */
export type Filters = {
  readonly partner?: string
  readonly stage?: string
  /** A reason code of the contract, or of a sink. */
  readonly reason?: string
  readonly type?: string
  /** Published at that time or later. */
  readonly since?: Date
  /** Published before that time. */
  readonly until?: Date
}

/** Events of a dead letter that share stage, partner, type and reasons. */
export type Group = z.output<typeof group>

const group = z
  .object({
    id: z.string(),
    stage: z.string(),
    partner_id: z.string(),
    type: z.string(),
    reasons: z.string(),
    events: count,
    /** When its oldest was published. RFC 3339, UTC. */
    oldest: z.string(),
    is_closed: count,
    /** Of the whole dead letter, as far as it is open, or of all of it. */
    partners: count,
  })
  .transform(({ partner_id, reasons, is_closed, ...row }) => ({
    ...row,
    partner: partner_id,
    reasons: reasons.split(',').filter((code) => code !== ''),
    isOpen: is_closed === 0,
  }))

/**
 * Every dead letter that has at least one event the filters let through, whole, but of one partner only where that is
 * asked for.
 */
const deadLetterGroups = (of: 'open' | 'all', { condition, params }: Condition) => ({
  sql: `WITH event AS (
  SELECT
    dead_letter_id, stage, partner_id, COALESCE(type, 'unknown') AS type, publish_time, reasons,
    ${of === 'open' ? '0 AS is_closed' : 'is_closed'},
    (SELECT STRING_AGG(code, ',' ORDER BY code) FROM UNNEST(reasons) AS code) AS codes
  FROM (${lastEvents(of)})
  WHERE TRUE ${of === 'open' ? '' : OPEN_FIRST}
),
letter AS (
  SELECT dead_letter_id, COUNT(DISTINCT partner_id) AS partners FROM event GROUP BY dead_letter_id
)
SELECT
  event.dead_letter_id AS id, stage, partner_id, type, COALESCE(codes, '') AS reasons,
  COUNT(*) AS events, MIN(publish_time) AS oldest, MAX(is_closed) AS is_closed,
  MAX(partners) AS partners
FROM event JOIN letter ON letter.dead_letter_id = event.dead_letter_id
WHERE event.dead_letter_id IN (SELECT dead_letter_id FROM event WHERE ${condition})
  ${'partner' in params ? 'AND partner_id = @partner' : ''}
GROUP BY id, stage, partner_id, type, codes
ORDER BY oldest, id`,
  params,
  row: group,
})

/** Of a dead letter that is open in part, the open events; of one that is closed, all. */
export const OPEN_FIRST = 'QUALIFY is_closed = MIN(is_closed) OVER (PARTITION BY dead_letter_id)'

/** @throws BigQueryError */
export const readGroups = (
  read: Reader,
  of: 'open' | 'all',
  filters: Filters = {},
): Promise<Group[]> => read(deadLetterGroups(of, conditionOf(filters)))

type Condition = { readonly condition: string; readonly params: Params }

/** The conditions of the filters that are set, and the values they name. */
function conditionOf({ since, until, ...words }: Filters): Condition {
  const values = { ...words, since: since?.toISOString(), until: until?.toISOString() }
  const set = CONDITIONS.flatMap(([name, condition]) => {
    const value = values[name]
    return value === undefined ? [] : [{ name, condition, value }]
  })
  return {
    condition: ['TRUE', ...set.map(({ condition }) => condition)].join(' AND '),
    params: Object.fromEntries(set.map(({ name, value }) => [name, value])),
  }
}

const CONDITIONS = [
  ['partner', 'partner_id = @partner'],
  ['stage', 'stage = @stage'],
  ['reason', '@reason IN UNNEST(reasons)'],
  ['type', 'type = @type'],
  ['since', 'publish_time >= CAST(@since AS TIMESTAMP)'],
  ['until', 'publish_time < CAST(@until AS TIMESTAMP)'],
] as const satisfies readonly (readonly [name: keyof Filters, condition: string])[]
