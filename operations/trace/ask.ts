// Asks one table for rows of a known form, and tells a table that cannot be read apart from one that has nothing.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { plainRow } from '#warehouse/plain'
import { oneLine } from '../google.ts'

/** A part of the answer that is not there, and why. */
export type Missing = { readonly part: string; readonly why: string }

export type Answer<T> = { readonly rows: readonly T[]; readonly missing: readonly Missing[] }

export type Question = {
  /** As a person knows it: `streaming.audit_log`. */
  readonly part: string
  readonly sql: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Never throws for what BigQuery refuses or cannot do: the other tables still answer. */
export async function ask<Shape extends z.ZodType>(
  bigquery: BigQuery,
  { part, sql, params }: Question,
  shape: Shape,
): Promise<Answer<z.output<Shape>>> {
  try {
    const [rows]: [Record<string, unknown>[], ...unknown[]] = await bigquery.query({
      query: sql,
      params,
    })
    return { rows: z.array(shape).parse(rows.map(plainRow)), missing: [] }
  } catch (error) {
    return { rows: [], missing: [{ part, why: oneLine(error) }] }
  }
}

/** RFC 3339 in UTC with six digits, so that times sort as text. */
export const time = z.string().transform(toMicros)

export function toMicros(text: string): string {
  const [, seconds = text, digits = ''] = /^(.{19})(?:\.(\d{1,6})\d*)?Z$/.exec(text) ?? []
  return `${seconds}.${digits.padEnd(6, '0')}Z`
}
