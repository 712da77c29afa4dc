// BigQuery's REST resources and request bodies, as far as this server reads them; other properties are kept as sent.

import { z } from 'zod'
import { invalid } from './errors.ts'

/** A loosely known JSON object. */
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const labels = z.record(z.string(), z.string())

export type FieldSchema = {
  readonly name: string
  readonly type: string
  readonly mode?: string | undefined
  readonly fields?: readonly FieldSchema[] | undefined
  readonly description?: string | undefined
  readonly defaultValueExpression?: string | undefined
}

const fieldSchema: z.ZodType<FieldSchema> = z.looseObject({
  name: z.string(),
  type: z.string(),
  mode: z.string().optional(),
  get fields() {
    return z.array(fieldSchema).optional()
  },
  description: z.string().optional(),
  defaultValueExpression: z.string().optional(),
})

const tableSchema = z.looseObject({ fields: z.array(fieldSchema).default([]) })

export type TableSchema = { readonly fields: readonly FieldSchema[] }

/** What tables.insert and tables.update take of a table. */
export const tableBody = z.looseObject({
  schema: tableSchema.optional(),
  view: z.looseObject({ query: z.string(), useLegacySql: z.boolean().optional() }).optional(),
  timePartitioning: z.looseObject({ type: z.string(), field: z.string().optional() }).nullish(),
  clustering: z.looseObject({ fields: z.array(z.string()) }).nullish(),
  description: z.string().nullish(),
  friendlyName: z.string().nullish(),
  labels: z.record(z.string(), z.string().nullable()).nullish(),
})

export type TableBody = z.infer<typeof tableBody>

export const newTableBody = tableBody.extend({
  tableReference: z.looseObject({ tableId: z.string() }),
})

const reference = z.object({ projectId: z.string(), datasetId: z.string() })

export type TableReference = {
  readonly projectId: string
  readonly datasetId: string
  readonly tableId: string
}

/** A table or view as the catalog keeps it. */
export const tableResource = tableBody.extend({
  tableReference: reference.extend({ tableId: z.string() }),
  type: z.enum(['TABLE', 'VIEW']),
  schema: tableSchema,
  etag: z.string(),
  creationTime: z.string(),
})

export type Table = Readonly<z.infer<typeof tableResource>>

/** What datasets.update takes of a dataset. */
export const datasetBody = z.looseObject({
  location: z.string().default('US'),
  friendlyName: z.string().optional(),
  labels: labels.optional(),
  access: z.array(z.looseObject({ role: z.string().optional() })).optional(),
})

export const newDatasetBody = datasetBody.extend({
  datasetReference: z.looseObject({ datasetId: z.string() }),
})

/** A dataset as the catalog keeps it. */
export const datasetResource = datasetBody.extend({ datasetReference: reference, etag: z.string() })

export type Dataset = Readonly<z.infer<typeof datasetResource>>

/** `parameterType`: the name of a type, and what an ARRAY or a STRUCT consists of. */
export type ParameterType = {
  readonly type: string
  readonly arrayType?: ParameterType | undefined
  readonly structTypes?:
    | readonly { readonly name?: string | undefined; readonly type: ParameterType }[]
    | undefined
}

/** `parameterValue`: a scalar's, an ARRAY's or a STRUCT's; a STRUCT's fields are called by their names. */
export type ParameterValue = {
  readonly value?: unknown
  readonly arrayValues?: readonly ParameterValue[] | undefined
  readonly structValues?: Readonly<Record<string, ParameterValue>> | undefined
}

const parameterType: z.ZodType<ParameterType> = z.looseObject({
  type: z.string(),
  get arrayType() {
    return parameterType.optional()
  },
  get structTypes() {
    return z.array(z.looseObject({ name: z.string().optional(), type: parameterType })).optional()
  },
})

const parameterValue: z.ZodType<ParameterValue> = z.looseObject({
  value: z.unknown().optional(),
  get arrayValues() {
    return z.array(parameterValue).optional()
  },
  get structValues() {
    return z.record(z.string(), parameterValue).optional()
  },
})

/** One of `queryParameters`; positional ones have no name. */
const queryParameter = z.looseObject({
  name: z.string().optional(),
  parameterType,
  parameterValue: parameterValue.default({ value: null }),
})

export type QueryParameter = z.infer<typeof queryParameter>

const tableReference = z.looseObject({ datasetId: z.string(), tableId: z.string() })

/** What every job that writes a table says of it. */
const destination = {
  createDisposition: z.enum(['CREATE_IF_NEEDED', 'CREATE_NEVER']).optional(),
  writeDisposition: z.enum(['WRITE_TRUNCATE', 'WRITE_APPEND', 'WRITE_EMPTY']).optional(),
}

/** `configuration.query` of jobs.insert, and the body of jobs.query. */
export const queryBody = z.looseObject({
  query: z.string().min(1),
  // Legacy SQL is the API's default; the official clients ask for GoogleSQL.
  useLegacySql: z.boolean().default(true),
  queryParameters: z.array(queryParameter).default([]),
  defaultDataset: z.looseObject({ datasetId: z.string() }).optional(),
  destinationTable: tableReference.optional(),
  ...destination,
  dryRun: z.boolean().default(false),
  maxResults: z.number().int().nonnegative().optional(),
  timeoutMs: z.number().nonnegative().optional(),
  formatOptions: z
    .looseObject({
      useInt64Timestamp: z.boolean().optional(),
      timestampOutputFormat: z.string().optional(),
    })
    .default({}),
})

/** `configuration.load` of jobs.insert. */
export const loadBody = z.strictObject({
  destinationTable: tableReference,
  ...destination,
  sourceFormat: z.string().default('CSV'),
  schema: tableSchema.optional(),
  autodetect: z.boolean().default(false),
  ignoreUnknownValues: z.boolean().default(false),
  maxBadRecords: z.coerce.number().int().nonnegative().default(0),
  timePartitioning: z.looseObject({ type: z.string(), field: z.string().optional() }).optional(),
  clustering: z.looseObject({ fields: z.array(z.string()) }).optional(),
  encoding: z.enum(['UTF-8', 'UTF8']).optional(),
  skipLeadingRows: z.coerce.number().int().nonnegative().optional(),
  fieldDelimiter: z.string().min(1).optional(),
  quote: z.string().optional(),
  nullMarker: z.string().optional(),
  allowQuotedNewlines: z.boolean().default(false),
})

export type LoadRequest = z.infer<typeof loadBody>

/** `configuration.copy` of jobs.insert. */
const copyBody = z.looseObject({
  destinationTable: tableReference,
  sourceTable: tableReference.optional(),
  sourceTables: z.array(tableReference).optional(),
  operationType: z.string().optional(),
  ...destination,
})

export type CopyRequest = z.infer<typeof copyBody>

/** jobs.insert. */
export const jobBody = z.looseObject({
  jobReference: z.looseObject({ jobId: z.string().optional() }).optional(),
  configuration: z.looseObject({
    query: queryBody.optional(),
    copy: copyBody.optional(),
    load: z.looseObject({}).optional(),
    dryRun: z.boolean().default(false),
  }),
})

/** The body as the schema reads it, or 400 `invalid` with the name of the property that is wrong. */
export function parseBody<T>(schema: z.ZodType<T>, body: Json): T {
  const { success, data, error } = schema.safeParse(body)
  if (success) return data
  const [issue] = error.issues
  throw invalid(`Invalid value at '${issue?.path.join('.')}': ${issue?.message}`)
}
