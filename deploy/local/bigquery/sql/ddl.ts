// Reads a DDL statement into the change it asks for; what it does not know it refuses by name.

import { notImplemented } from '../values/errors.ts'
import type { FieldSchema } from '../values/resources.ts'
import { canonicalType, INTEGER_ALIASES, isKnownType } from '../values/types.ts'
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

// What BigQuery can create, alter and drop and the local BigQuery has not. The analyzer is not asked about these: of
// capacities, reservations, assignments, projects and organizations it knows nothing, the body of a procedure is
// a script, and the others have options of their own.
const NOT_SUPPORTED = new Set(
  `AGGREGATE ALL ASSIGNMENT BI_CAPACITY CAPACITY CONNECTION EXTERNAL FUNCTION MATERIALIZED MODEL ORGANIZATION
   PROCEDURE PROJECT PROPERTY RESERVATION ROW SEARCH SNAPSHOT VECTOR`.split(/\s+/),
)

/** The statement's first words, where it is about a kind of object that the local BigQuery has not. */
export function objectNotSupported(tokens: readonly Token[]): string | undefined {
  const reader = createReader(tokens)
  const change = reader.name().toUpperCase()
  reader.accept('OR', 'REPLACE')
  const isTemporary = reader.accept('TEMP') || reader.accept('TEMPORARY')
  const object = reader.peek()
  const isMissing =
    NOT_SUPPORTED.has(object) || (object === 'TABLE' && reader.accept('TABLE', 'FUNCTION'))
  if (isMissing) return `${change} ${object}`
  if (isTemporary) return `${change} TEMP ${object}`
  // The analyzer lacks the replicas of a dataset.
  return change === 'ALTER' && tokens.some(({ word }) => word === 'REPLICA')
    ? 'ALTER SCHEMA REPLICA'
    : undefined
}

/** The table that ALTER TABLE names; throws 501 for IF EXISTS. */
export function alteredTable(tokens: readonly Token[]): Path | undefined {
  const reader = createReader(tokens)
  return reader.accept('ALTER', 'TABLE') ? readAltered(reader) : undefined
}

function readAltered(reader: Reader): Path {
  if (reader.accept('IF', 'EXISTS')) throw notImplemented('IF EXISTS in ALTER TABLE')
  return reader.path()
}

/** Reads what the analyzer has accepted; throws 501 with the name of a clause that is not supported. */
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
  const path = readAltered(reader)
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
  if (/^_PARTITION(?:TIME|DATE)$/i.test(field)) throw notImplemented('ingestion-time partitioning')
  if (!call) return { type: 'DAY', field }
  const type = reader.accept(',') ? reader.name().toUpperCase() : 'DAY'
  reader.expect(')')
  return { type, field }
}

function readColumn(reader: Reader): FieldSchema {
  const field = { name: reader.name(), ...readType(reader) }
  const defaultValueExpression = reader.accept('DEFAULT') ? textOf(reader.expression()) : undefined
  const isRequired = reader.accept('NOT', 'NULL')
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
    return { ...element, mode: 'REPEATED' }
  }
  if (reader.accept('STRUCT', '<')) {
    const fields = reader.list(readColumn, '>')
    return { type: 'RECORD', fields }
  }
  const name = reader.name()
  const type = canonicalType(INTEGER_ALIASES.includes(name.toUpperCase()) ? 'INT64' : name)
  if (!isKnownType(type) || reader.peek() === '(')
    throw notImplemented(`the type ${name}${reader.peek() === '(' ? ' with parameters' : ''}`)
  return { type }
}
