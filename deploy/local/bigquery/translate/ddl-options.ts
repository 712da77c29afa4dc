// OPTIONS(…) of a resolved DDL statement, as properties of the resource of a dataset, table or view.

import { z } from 'zod'
import { invalidQuery, notImplemented } from '../values/errors.ts'
import { quoteLiteral } from '../values/names.ts'
import type { OptionNode } from './ddl-tree.ts'
import type { Translator } from './translator.ts'

/** Options, whose values are expressions: DuckDB's SQL of one JSON object that has the value of each, or NULL. */
export type Options = { readonly valuesSql: string | undefined }

type Property = {
  readonly name: string
  /** The value of the property from that of the option, which is not NULL. */
  readonly read: (value: unknown) => unknown
}

const MS_PER_DAY = 86_400_000

const text = (name: string): Property => ({ name, read: (value) => value })

// An array of STRUCTs of a key and a value.
const pairs = z.array(z.record(z.string(), z.string()).transform(Object.values))

const DESCRIBED: Readonly<Record<string, Property>> = {
  description: text('description'),
  friendly_name: text('friendlyName'),
  labels: {
    name: 'labels',
    read: (value) => Object.fromEntries(pairs.parse(value).map(([key, label]) => [key, label])),
  },
}

const days = (option: string, name: string): Property => ({
  name,
  read: (value) => {
    if (!(Number(value) > 0)) throw invalidQuery(`${option} must be a positive number`)
    return String(Number(value) * MS_PER_DAY)
  },
})

const PROPERTIES = {
  SCHEMA: {
    ...DESCRIBED,
    location: text('location'),
    default_table_expiration_days: days(
      'default_table_expiration_days',
      'defaultTableExpirationMs',
    ),
    default_partition_expiration_days: days(
      'default_partition_expiration_days',
      'defaultPartitionExpirationMs',
    ),
  },
  TABLE: {
    ...DESCRIBED,
    expiration_timestamp: {
      name: 'expirationTime',
      read: (value: unknown) => String(Date.parse(z.string().parse(value))),
    },
    partition_expiration_days: days('partition_expiration_days', 'partitionExpirationMs'),
  },
} satisfies Readonly<Record<string, Readonly<Record<string, Property>>>>

/** The kind of resource; a view has the options of a table. */
export type Described = keyof typeof PROPERTIES

const propertiesOf = (kind: Described): Readonly<Record<string, Property>> => PROPERTIES[kind]

/** Throws 501 with the name of an option that is not supported. */
export function optionsOf(
  options: readonly OptionNode[],
  kind: Described,
  translator: Translator,
): Options {
  if (options.length === 0) return { valuesSql: undefined }
  const values = options.map(({ name, value }) => {
    const option = name.toLowerCase()
    if (!(option in PROPERTIES[kind])) throw notImplemented(`OPTIONS(${name})`)
    return `${quoteLiteral(option)}, ${translator.expression(value)}`
  })
  return { valuesSql: `json_object(${values.join(', ')})` }
}

/** The properties of the resource; null where NULL takes one away. Throws 400 `invalidQuery` for a bad value. */
export const resourceProperties = (
  values: Readonly<Record<string, unknown>>,
  kind: Described,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([option, value]) => {
      const property = propertiesOf(kind)[option]
      return property ? [[property.name, value === null ? null : property.read(value)]] : []
    }),
  )
