// What a query is answered with, by the local BigQuery and by the reference alike.

import type { FieldSchema } from '../../../deploy/local/bigquery/values/resources.ts'
import type { Cell } from './from-proto.ts'

export type Rows = {
  readonly fields: readonly FieldSchema[]
  readonly rows: readonly { readonly f: readonly Cell[] }[]
}

/** An error has BigQuery's reason where the local BigQuery gave it. */
export type Failure = { readonly error: string; readonly reason?: string }

export type Answer = Rows | Failure

/** The name of two columns, whose case does not matter. */
export function duplicateName(fields: readonly FieldSchema[]): string | undefined {
  const names = fields.map(({ name }) => name.toLowerCase())
  return names.find((name, i) => names.indexOf(name) !== i)
}
