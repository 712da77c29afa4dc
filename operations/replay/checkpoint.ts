// The file that says how far a replay is: what it selects, and the last message that Pub/Sub took.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { OperationError } from '../errors.ts'

const checkpoint = z.object({
  selection: z.object({
    since: z.string(),
    until: z.string(),
    partner: z.string().optional(),
    type: z.string().optional(),
    batch: z.string().optional(),
    decision: z.enum(['accepted', 'rejected', 'any']),
    includesStaged: z.boolean(),
    after: z.object({ publishTime: z.string(), messageId: z.string() }).optional(),
  }),
  published: z.number().int(),
  isDone: z.boolean(),
})

export type Checkpoint = z.output<typeof checkpoint>

/**
 * @returns null where there is no such file
 * @throws OperationError `checkpoint_unusable`
 */
export function readCheckpoint(file: string): Checkpoint | null {
  try {
    return checkpoint.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (isMissing(error)) return null
    const why = error instanceof z.ZodError ? 'it is no checkpoint' : String(error)
    throw new OperationError('checkpoint_unusable', { file, why }, error)
  }
}

/** Replaces the file at once, so that it is whole at any time. @throws OperationError `checkpoint_unusable` */
export function writeCheckpoint(file: string, state: Checkpoint): void {
  const draft = `${file}.draft`
  try {
    writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
    renameSync(draft, file)
  } catch (error) {
    throw new OperationError('checkpoint_unusable', { file, why: String(error) }, error)
  }
}

const isMissing = (error: unknown) =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'
