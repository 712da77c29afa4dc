// GoogleSQL's reference implementation: what a query answers over tables that are handed in.

import { readFile } from 'node:fs/promises'
import protobuf from 'protobufjs'
import { z } from 'zod'
import { catalogOf } from '../../../deploy/local/bigquery/analyzer/catalog.ts'
import { analyzerFiles } from '../../../deploy/local/bigquery/analyzer/install.ts'
import { language } from '../../../deploy/local/bigquery/analyzer/language.ts'
import {
  compileService,
  type Service,
  ServiceRefusal,
} from '../../../deploy/local/bigquery/analyzer/module.ts'
import { fieldOf, type SqlType, sqlType } from '../../../deploy/local/bigquery/analyzer/types.ts'
import type { FieldSchema } from '../../../deploy/local/bigquery/values/resources.ts'
import { type Answer, duplicateName } from './answer.ts'
import { cellOf, NullElementError } from './from-proto.ts'
import { rowProto, type TableRow, type ValueProto } from './to-proto.ts'

/** A table with its rows. A query calls it by its name alone: the reference knows no datasets. */
export type ReferenceTable = {
  readonly name: string
  readonly fields: readonly FieldSchema[]
  readonly rows: readonly TableRow[]
}

export type Parameter = {
  readonly name: string
  readonly type: SqlType
  readonly value: ValueProto
}

/** Answers a query as BigQuery would: rows in the REST API's form, or an error's words. */
export type Reference = (sql: string, parameters?: readonly Parameter[]) => Answer

/** Loads the module in `folder`, where `npm run tools` has installed it; the result opens it on tables. */
export async function loadReference(
  folder: string,
): Promise<(tables: readonly ReferenceTable[]) => Reference> {
  const files = analyzerFiles(folder)
  const [start, schema] = await Promise.all([
    compileService(files.module, files.zones),
    readFile(files.schema, 'utf8'),
  ])
  const root = protobuf.Root.fromJSON(JSON.parse(schema))
  return (tables) => openReference(() => openCatalog(callOf(root, start()), tables))
}

function openReference(open: () => ReturnType<typeof openCatalog>): Reference {
  let evaluate = open()
  return (sql, parameters = []) => {
    try {
      const answer = answerOf(evaluate(sql, parameters))
      return isValueTable.test(sql) ? fieldsAsColumns(answer) : answer
    } catch (error) {
      if (error instanceof ServiceRefusal || error instanceof NullElementError)
        return { error: error.message }
      // The module's memory is in an unknown state.
      evaluate = open()
      return { error: `The reference implementation failed: ${String(error)}` }
    }
  }
}

// The reference answers one STRUCT, without saying that the query's result is a value table.
const isValueTable = /^SELECT AS (?:STRUCT|VALUE)\b/i

function fieldsAsColumns(answer: Answer): Answer {
  if ('error' in answer) return answer
  const fields = answer.fields[0]?.fields ?? []
  const rows = answer.rows.map(({ f: [struct] }) => structRow.parse(struct).v)
  return { fields, rows }
}

const structRow = z.object({ v: z.object({ f: z.array(z.object({ v: z.unknown() })) }) })

type Call = (method: string, response: string, request: object) => unknown

function callOf(root: protobuf.Root, service: Service): Call {
  const typeOf = (name: string) => root.lookupType(`zetasql.local_service.${name}`)
  return (method, response, request) => {
    const sent = typeOf(`${method}Request`)
    const received = service.call(method, sent.encode(sent.fromObject(request)).finish())
    const type = typeOf(response)
    return type.toObject(type.decode(received), { enums: String, longs: String })
  }
}

const options = { language_options: language, default_timezone: 'UTC' }
const registered = z.object({ registered_id: z.string() })

function openCatalog(call: Call, tables: readonly ReferenceTable[]) {
  const named = tables.map(({ name, fields }) => ({ path: [name], fields }))
  const table_content = tables.map(({ name, fields, rows }) => ({
    key: name,
    value: { table_data: { row: rows.map((row) => rowProto(fields, row)) } },
  }))
  const catalog = { ...catalogOf(named), table_content }
  const { registered_id } = registered.parse(call('RegisterCatalog', 'RegisterResponse', catalog))
  return (sql: string, parameters: readonly Parameter[]) =>
    call('EvaluateQuery', 'EvaluateQueryResponse', {
      sql,
      options: {
        ...options,
        query_parameters: parameters.map(({ name, type }) => ({ name, type })),
      },
      params: parameters.map(({ name, value }) => ({ name, value })),
      registered_catalog_id: registered_id,
    })
}

const evaluated = z.object({
  content: z.object({
    table_data: z
      .object({
        row: z.array(z.object({ cell: z.array(z.looseObject({})).default([]) })).default([]),
      })
      .default({ row: [] }),
  }),
  prepared: z.object({ columns: z.array(z.object({ name: z.string(), type: sqlType })) }),
})

function answerOf(response: unknown): Answer {
  const { content, prepared } = evaluated.parse(response)
  let unnamed = 0
  const nameOf = (name: string) => (name.startsWith('$') || !name ? `f${unnamed++}_` : name)
  const fields = prepared.columns.map(({ name, type }) => fieldOf(nameOf(name), type))
  const twice = duplicateName(fields)
  if (twice !== undefined)
    return { error: `Duplicate column names in the result are not supported: ${twice}` }
  const rows = content.table_data.row.map(({ cell }) => ({
    f: prepared.columns.map(({ type }, i) => cellOf(type, cell[i] ?? {})),
  }))
  return { fields, rows }
}
