// The columns of ours that BigQuery's sentences name: they are all of its text that a failure may show.

import type { Table } from '#contracts'
import type { ServiceError } from '#runtime/service-error'

/** The column a row error names, in whatever sentence: `Field currency: STRING(3) has maximum length 3 but …`. */
export function columnIn(message: string, { columns }: Table): string | undefined {
  const named = message.matchAll(/\b(?:field|column)s?\W{1,9}(?:root\.)?(\w{1,64})/gi)
  const names = [...named].map(([, name = '']) => name.toLowerCase())
  return columns.find(({ name }) => names.includes(name))?.name
}

/** `extra fields: 'a,b'`, and `mismatched with BigQuery field at Row.a`. */
const SCHEMA_FIELDS = /extra fields: '([\w,]{1,2000})'|field at \w{1,64}\.(\w{1,64})/gi

/** Which columns the table lacks or has in another type, where the fault is of that kind. */
export function schemaMessage(
  { reason, said = '' }: ServiceError,
  table: Table,
): string | undefined {
  if (!reason?.startsWith('SCHEMA_MISMATCH')) return undefined
  const named = [...said.matchAll(SCHEMA_FIELDS)].flatMap(([, extra = '', mismatched = '']) =>
    `${extra},${mismatched}`.split(','),
  )
  const columns = table.columns.filter(({ name }) => named.includes(name)).map(({ name }) => name)
  const which = columns.length > 0 ? columns.join(', ') : 'a column'
  return `the table lacks ${which}, or has it in another type`
}
