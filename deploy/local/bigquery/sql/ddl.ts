// Reads a DDL statement into the change it asks for; what it does not know it refuses by name.

import { invalidQuery, notImplemented } from '../values/errors.ts'
import type { FieldSchema } from '../values/resources.ts'
import { canonicalType, isKnownType } from '../values/types.ts'
import { readOptions } from './ddl-options.ts'
import { createReader, type Reader } from './reader.ts'
import { type Token, textOf } from './tokens.ts'

/** `[dataset, table]`, or `[table]` of the default dataset. */
export type Path = readonly string[]

type TableDefinition = {
  readonly fields: readonly FieldSchema[]
  readonly timePartitioning?: { readonly type: string; readonly field: string }
  readonly clustering?: { readonly fields: readonly string[] }
  readonly options: Readonly<Record<string, unknown>>
}

export type Ddl =
  | { readonly kind: 'CREATE_SCHEMA'; readonly path: Path; readonly ifNotExists: boolean }
  | {
      readonly kind: 'DROP_SCHEMA'
      readonly path: Path
      readonly ifExists: boolean
      readonly cascade: boolean
    }
  | (TableDefinition &
      Creation & { readonly kind: 'CREATE_TABLE'; readonly query: string | undefined })
  | (Creation & {
      readonly kind: 'CREATE_VIEW'
      readonly query: string
      readonly options: Readonly<Record<string, unknown>>
    })
  | { readonly kind: 'DROP_TABLE' | 'DROP_VIEW'; readonly path: Path; readonly ifExists: boolean }
  | {
      readonly kind: 'ALTER_TABLE'
      readonly path: Path
      readonly columns: readonly NewColumn[]
      readonly options: Readonly<Record<string, unknown>>
    }

type Creation = { readonly path: Path; readonly orReplace: boolean; readonly ifNotExists: boolean }
export type NewColumn = { readonly field: FieldSchema; readonly ifNotExists: boolean }

/** Throws 400 `invalidQuery` on a syntax error and 501 with the name of a clause it does not know. */
export function readDdl(tokens: readonly Token[]): Ddl {
  const reader = createReader(tokens)
  const ddl = readStatement(reader)
  if (!reader.atEnd()) throw notImplemented(`${reader.peek()} in ${ddl.kind.replace('_', ' ')}`)
  return ddl
}

function readStatement(reader: Reader): Ddl {
  if (reader.accept('ALTER', 'TABLE')) return readAlter(reader)
  if (reader.accept('DROP')) return readDrop(reader)
  reader.expect('CREATE')
  const orReplace = reader.accept('OR', 'REPLACE')
  if (reader.accept('SCHEMA')) {
    const ifNotExists = reader.accept('IF', 'NOT', 'EXISTS')
    return { kind: 'CREATE_SCHEMA', path: reader.path(), ifNotExists }
  }
  const isView = reader.accept('VIEW')
  if (!isView && !reader.accept('TABLE')) throw notImplemented(`CREATE ${reader.peek()}`)
  const ifNotExists = reader.accept('IF', 'NOT', 'EXISTS')
  const creation = { path: reader.path(), orReplace, ifNotExists }
  return isView ? readView(reader, creation) : readTable(reader, creation)
}

function readDrop(reader: Reader): Ddl {
  const kind = (['TABLE', 'VIEW', 'SCHEMA'] as const).find((word) => reader.accept(word))
  if (!kind) throw notImplemented(`DROP ${reader.peek()}`)
  const ifExists = reader.accept('IF', 'EXISTS')
  const path = reader.path()
  if (kind !== 'SCHEMA') return { kind: `DROP_${kind}`, path, ifExists }
  const cascade = reader.accept('CASCADE')
  reader.accept('RESTRICT')
  return { kind: 'DROP_SCHEMA', path, ifExists, cascade }
}

function readAlter(reader: Reader): Ddl {
  const path = reader.path()
  if (reader.accept('SET'))
    return { kind: 'ALTER_TABLE', path, columns: [], options: readOptions(reader) }
  const columns: NewColumn[] = []
  do {
    if (!reader.accept('ADD', 'COLUMN')) throw notImplemented(`ALTER TABLE ${reader.peek()}`)
    const ifNotExists = reader.accept('IF', 'NOT', 'EXISTS')
    columns.push({ ifNotExists, field: readColumn(reader) })
  } while (reader.accept(','))
  return { kind: 'ALTER_TABLE', path, columns, options: {} }
}

function readView(reader: Reader, creation: Creation): Ddl {
  const options = readOptions(reader)
  reader.expect('AS')
  return { kind: 'CREATE_VIEW', ...creation, options, query: textOf(reader.rest()) }
}

function readTable(reader: Reader, creation: Creation): Ddl {
  const fields = reader.accept('(') ? reader.list(readColumn) : []
  const timePartitioning = reader.accept('PARTITION', 'BY') ? readPartitioning(reader) : undefined
  const clustering = reader.accept('CLUSTER', 'BY') ? { fields: reader.names() } : undefined
  const options = readOptions(reader)
  const query = reader.accept('AS') ? textOf(reader.rest()) : undefined
  return {
    kind: 'CREATE_TABLE',
    ...creation,
    fields,
    ...(timePartitioning && { timePartitioning }),
    ...(clustering && { clustering }),
    options,
    query,
  }
}

// DATE(ts), TIMESTAMP_TRUNC(ts, HOUR), DATE_TRUNC(day, MONTH), or a DATE column alone.
function readPartitioning(reader: Reader) {
  const calls = ['DATE', 'TIMESTAMP_TRUNC', 'DATETIME_TRUNC', 'DATE_TRUNC']
  const call = calls.find((word) => reader.accept(word, '('))
  const field = reader.name()
  if (!call) return { type: 'DAY', field }
  const type = reader.accept(',') ? reader.name().toUpperCase() : 'DAY'
  reader.expect(')')
  return { type, field }
}

function readColumn(reader: Reader): FieldSchema {
  const field = { name: reader.name(), ...readType(reader) }
  const isRequired = reader.accept('NOT', 'NULL')
  const defaultValueExpression = reader.accept('DEFAULT') ? textOf(reader.expression()) : undefined
  const { description } = readOptions(reader)
  return {
    ...field,
    ...(isRequired && { mode: 'REQUIRED' }),
    ...(defaultValueExpression && { defaultValueExpression }),
    ...(typeof description === 'string' && { description }),
  }
}

function readType(reader: Reader): Omit<FieldSchema, 'name'> {
  if (reader.accept('ARRAY', '<')) {
    const element = readType(reader)
    reader.expect('>')
    if (element.mode === 'REPEATED') throw invalidQuery('Array of array types are not supported')
    return { ...element, mode: 'REPEATED' }
  }
  if (reader.accept('STRUCT', '<')) {
    const fields = reader.list(readColumn, '>')
    return { type: 'RECORD', fields }
  }
  const name = reader.name()
  const type = canonicalType(name)
  if (!isKnownType(type) || reader.peek() === '(')
    throw notImplemented(`the type ${name}${reader.peek() === '(' ? ' with parameters' : ''}`)
  return { type }
}
