// Holds every answer of BigQuery's REST API to its documented shape: what merely has the status of a success proves nothing.

import { z } from 'zod'
import { requestIdOf } from '#runtime/remote-text'
import { HTTP } from '#runtime/status-codes'

export type Asked = {
  readonly method?: string | undefined
  readonly uri: string
}

export type HttpAnswer = {
  readonly statusCode?: number
  readonly headers?: Readonly<Record<string, unknown>>
}

/** Something answered with the status of a success, and not as BigQuery does. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError'
  /** HTTP status. */
  readonly status: number | undefined
  readonly requestId: string | undefined
  /** The answer, which may quote what was sent. */
  readonly said: string

  constructor(message: string, { statusCode, headers = {} }: HttpAnswer, body: unknown) {
    super(message)
    this.status = statusCode
    this.requestId = requestIdOf((name) => headers[name])
    this.said = typeof body === 'string' ? body : ''
  }
}

const reference = z.object({ jobId: z.string().min(1) })

/** A query that has ended has a schema, and its rows unless it has none; one that has not can be asked for again. */
const queryAnswer = z.union([
  z.object({ jobComplete: z.literal(false), jobReference: reference }),
  z
    .object({
      jobComplete: z.literal(true),
      schema: z.object({}).optional(),
      rows: z.array(z.object({ f: z.array(z.object({ v: z.unknown() })) })).optional(),
      totalRows: z.string().regex(/^\d+$/).optional(),
      pageToken: z.string().optional(),
      /** Of a statement that has no result set. */
      numDmlAffectedRows: z.string().optional(),
      jobReference: reference.optional(),
    })
    .refine(({ rows = [], schema }) => rows.length === 0 || schema !== undefined)
    .refine(({ pageToken, jobReference }) => !pageToken || jobReference !== undefined),
])

/** The first page has all rows, or says where the next one is. */
const firstPage = queryAnswer.refine((answer) => {
  if (!answer.jobComplete || answer.pageToken || answer.numDmlAffectedRows) return true
  return Number(answer.totalRows ?? 0) <= (answer.rows?.length ?? 0)
})

type Shape = { readonly kind: string; readonly body: z.ZodType }

const anything = z.object({})

/** As far as Google's client relies on it without a look. */
const insertAnswer = z.object({
  insertErrors: z.array(z.object({ errors: z.array(z.object({})) })).nullish(),
})

/** By method and address. Every other answer has a kind that begins with `bigquery#`. */
const SHAPES: readonly (Shape & { readonly of: RegExp })[] = [
  {
    of: /^POST .*\/insertAll$/,
    kind: 'bigquery#tableDataInsertAllResponse',
    body: insertAnswer,
  },
  { of: /^POST .*\/queries$/, kind: 'bigquery#queryResponse', body: firstPage },
  {
    of: /^GET .*\/queries\/[^/]+$/,
    kind: 'bigquery#getQueryResultsResponse',
    body: queryAnswer,
  },
]

const ANY: Shape = { kind: 'bigquery#', body: anything }

const kinded = z.object({ kind: z.string() })

/** @returns what is wrong with the answer to a request that had no error, or null */
export function findFlaw(
  asked: Asked,
  body: unknown,
  http: HttpAnswer,
): UnexpectedAnswerError | null {
  const method = asked.method ?? 'GET'
  if (method === 'DELETE')
    return http.statusCode === 204 ? null : flaw('an empty answer', body, http)
  if (http.statusCode !== HTTP.OK) return flaw('the status 200', body, http)
  const request = `${method} ${asked.uri}`
  const shape = SHAPES.find(({ of }) => of.test(request)) ?? ANY
  const { data } = kinded.safeParse(body)
  if (shape === ANY ? !data?.kind.startsWith(ANY.kind) : data?.kind !== shape.kind)
    return flaw(`a ${shape.kind}`, body, http)
  return shape.body.safeParse(body).success ? null : flaw(`a whole ${shape.kind}`, body, http)
}

function flaw(expected: string, body: unknown, http: HttpAnswer): UnexpectedAnswerError {
  const message = `${contentType(http)} came instead of ${expected}, so that nothing counts as done. A proxy may stand between this process and BigQuery`
  return new UnexpectedAnswerError(message, http, body)
}

/** For example `text/html`, and no more of the header than that. */
function contentType({ headers }: HttpAnswer): string {
  const header = headers?.['content-type']
  const type = typeof header === 'string' ? /^[a-z]{1,20}\/[a-z.+-]{1,40}/.exec(header) : null
  return type?.[0] ?? 'something else'
}
