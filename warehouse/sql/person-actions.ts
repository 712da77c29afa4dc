// What people did with some dead letters, and the update of what they wrote there.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { json } from './columns.ts'
import { listOf } from './person-messages.ts'

/** Message ids that had the same change, as `patch` has them. */
const change = z.looseObject({ messages: z.array(z.string()) })

const action = z.object({
  dead_letter_id: z.string(),
  run_id: z.string(),
  reason: z.string(),
  patch: json.pipe(z.array(change).nullable().catch(null)),
})

export type PersonAction = z.output<typeof action>

export const personActions = (letters: readonly string[]) => ({
  sql: `SELECT dead_letter_id, run_id, reason, patch
FROM ${DATASET}.dead_letter_log
WHERE dead_letter_id IN UNNEST(@letters)`,
  params: { letters: listOf(letters) },
  row: action,
})

export const rewriteAction = ({ dead_letter_id, run_id, reason, patch }: PersonAction) => ({
  sql: `UPDATE ${DATASET}.dead_letter_log
SET reason = @reason, patch = PARSE_JSON(NULLIF(@patch, ''))
WHERE dead_letter_id = @letter AND run_id = @run`,
  params: {
    letter: dead_letter_id,
    run: run_id,
    reason,
    patch: patch === null ? '' : JSON.stringify(patch),
  },
  row: z.unknown(),
})
