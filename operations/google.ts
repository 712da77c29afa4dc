// Says in one line why Google's services cannot be used.

import { UsageError } from '#runtime/errors'
import { withoutSecrets } from '#runtime/secrets'
import { UnexpectedAnswerError } from '#warehouse/answer'
import type { WarehouseAddress } from '#warehouse/client'

const NO_CREDENTIALS = /could not load the default credentials/i
/** Of gRPC, whose library takes a while to load. */
const GRPC = { permissionDenied: 7, unauthenticated: 16 }
const HTTP = { unauthorized: 401, forbidden: 403, notFound: 404, notImplemented: 501 }
const REFUSED: ReadonlySet<unknown> = new Set([GRPC.permissionDenied, HTTP.forbidden])
const UNAUTHENTICATED: ReadonlySet<unknown> = new Set([GRPC.unauthenticated, HTTP.unauthorized])

/** @returns a UsageError where a person must sign in or be given a role, else the error itself */
export function explain(error: unknown, project: string): unknown {
  if (UNAUTHENTICATED.has(codeOf(error)) || NO_CREDENTIALS.test(oneLine(error))) {
    return noCredentials(error, project)
  }
  if (!REFUSED.has(codeOf(error))) return error
  return new UsageError(
    `Google refuses this in project ${project}; another account, role or project may do (GOOGLE_CLOUD_PROJECT): ${oneLine(error)}`,
  )
}

/** BigQuery did not answer, or has no such table; the message says what to do. */
export class BigQueryError extends Error {
  override readonly name = 'BigQueryError'
}

/** By Node's code, or by the client's words where it gives none. */
const NETWORK =
  /\bE(CONN[A-Z]{1,16}|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH)\b|timeout|socket hang up|premature.close|fetch failed/i

/**
 * @returns what a person can act on: a UsageError or a BigQueryError; else the error itself, which is not BigQuery's,
 * or has its own words
 */
export function explainBigQuery(error: unknown, address: WarehouseAddress): unknown {
  if (error instanceof UsageError) return error
  const explained = explain(error, address.GOOGLE_CLOUD_PROJECT)
  if (explained !== error) return explained
  const host = address.BIGQUERY_EMULATOR_HOST
  const where = host ? withoutSecrets(host) : `project ${address.GOOGLE_CLOUD_PROJECT}`
  if (error instanceof UnexpectedAnswerError)
    return new BigQueryError(`BigQuery (${where}) answered ${error.status}: ${error.message}.`)
  if (codeOf(error) === HTTP.notFound)
    return new BigQueryError(
      `BigQuery (${where}) says: ${oneLine(error)}. The tables of the pipeline are made by \`npm run setup\`.`,
    )
  if (!isSilence(error)) return error
  return new BigQueryError(
    `BigQuery does not answer (${where}): try again once it does. It says: ${oneLine(error)}`,
  )
}

/** Whether the connection failed before there was an answer of any kind. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error)
  return typeof code !== 'number' && NETWORK.test(`${String(code)} ${oneLine(error)}`)
}

function isSilence(error: unknown): boolean {
  const code = codeOf(error)
  // An answer, if not the one asked for: the local BigQuery gives it.
  if (code === HTTP.notImplemented) return false
  return typeof code === 'number' ? code >= 500 : isConnectionLost(error)
}

export function noCredentials(error: unknown, project: string): UsageError {
  return new UsageError(
    `There are no credentials for the Google Cloud project ${project}: sign in (gcloud auth application-default login), or run \`npm run demo\` for a local one: ${oneLine(error)}`,
  )
}

/** The code of gRPC, or of HTTP, or of Node. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** An error's message and its causes', without line breaks. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const text = message.replace(/\s+/g, ' ').trim()
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? text : `${text} Because: ${oneLine(cause)}`
}
