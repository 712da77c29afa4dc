// The tracking plan of Segment: a rule for each call, in JSON Schema of draft 7, made from the schema of the calls.

import { z } from 'zod'
import { PLANNED_CALLS } from './schema.ts'

/** A rule as Segment's Public API takes it. Its schema describes a whole event. */
export type PlanRule = {
  readonly type: string
  readonly key: string
  readonly version: number
  readonly jsonSchema: unknown
}

export const TRACKING_PLAN: readonly PlanRule[] = Object.entries(PLANNED_CALLS).map(
  ([key, schema]) => ({
    type: 'TRACK',
    key,
    version: 1,
    jsonSchema: z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }),
  }),
)
