// How columns of the tables are read, where a plain type of zod does not say enough.

import { z } from 'zod'

/** COUNT, SUM and the like: NULL, which is the sum of no rows, counts as 0. */
export const count = z.coerce.number()

/** A column of the type JSON, which the client gives as text. */
export const json = z.unknown().transform((value, context): unknown => {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    context.addIssue('the text is not JSON')
    return z.NEVER
  }
})

/** BYTES. */
export const bytes = z.instanceof(Buffer)

/** A TIMESTAMP as RFC 3339 in UTC with six digits, so that times sort as text. */
export const microseconds = z.string().transform(toMicroseconds)

export function toMicroseconds(text: string): string {
  const [, seconds = text, digits = ''] = /^(.{19})(?:\.(\d{1,6})\d*)?Z$/.exec(text) ?? []
  return `${seconds}.${digits.padEnd(6, '0')}Z`
}
