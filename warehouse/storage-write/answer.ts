// What became of one append: everything BigQuery can say of it, inside a result or by breaking the connection.

import type { protos } from '@google-cloud/bigquery-storage'
import { z } from 'zod'
import type { ServiceError } from '#runtime/service-error'
import { toFault } from '../google-error.ts'
import { readStatus, type Status, storageErrorOf } from './status.ts'

type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse

/** `message` is BigQuery's, and may quote the row. */
export type RowError = { readonly index: number; readonly message: string }

export type Answer =
  | { readonly kind: 'written' }
  /** Nothing of the append was written, for these rows' sake. */
  | { readonly kind: 'bad_rows'; readonly errors: readonly RowError[] }
  | { readonly kind: 'fault'; readonly fault: ServiceError }
  /** Not what BigQuery documents: nothing counts as written, and what else comes on the connection proves nothing. */
  | { readonly kind: 'undocumented'; readonly fault: ServiceError }

/** What was asked. */
export type Append = { readonly writeStream: string; readonly rows: number }

/**
 * BigQuery reports errors inside results: one that is not looked at is data lost. An append is written where its
 * answer has an AppendResult, and not otherwise.
 */
export function readResponse(response: Response, { writeStream, rows }: Append): Answer {
  const { appendResult, error, rowErrors } = response
  if (!isOfStream(response, writeStream)) return undocumented('the answer is of another stream')
  if (appendResult && (error?.code || rowErrors?.length))
    return undocumented('the answer is a result and an error at once')
  if (rowErrors?.length) return readRowErrors(rowErrors, rows)
  if (error?.code) return { kind: 'fault', fault: toStatusFault(error) }
  return appendResult ? { kind: 'written' } : undocumented('the answer has no result')
}

const undocumented = (message: string): Answer => ({ kind: 'undocumented', fault: { message } })

/** BigQuery may name a project by its number. A server that names no stream answers for the only one there is. */
function isOfStream({ writeStream }: Response, asked: string): boolean {
  return !writeStream || pathInProject(writeStream) === pathInProject(asked)
}

const pathInProject = (stream: string) => stream.slice(stream.indexOf('/datasets/'))

type GivenRowError = protos.google.cloud.bigquery.storage.v1.IRowError

function readRowErrors(given: readonly GivenRowError[], rows: number): Answer {
  const errors = given.map(({ index, message }) => ({
    index: Number(index ?? 0),
    message: message ?? '',
  }))
  const areRowsOfOurs = errors.every(
    ({ index }) => Number.isInteger(index) && index >= 0 && index < rows,
  )
  return areRowsOfOurs
    ? { kind: 'bad_rows', errors }
    : undocumented('the answer names rows that were not sent')
}

/** Why a connection broke, or could not be opened. */
export function readConnectionError(error: unknown): ServiceError {
  const fault = toFault(error)
  return { ...fault, reason: reasonOf(statusOf(error), fault.said) ?? fault.reason }
}

function toStatusFault(status: Status): ServiceError {
  const fault = toFault({ code: status.code, message: status.message })
  return { ...fault, reason: reasonOf(status, fault.said) }
}

const metadata = z.object({
  metadata: z.custom<{ get: (name: string) => unknown[] }>((value) => value instanceof Object),
})

/** The status in full, which gRPC hides in the trailers. */
function statusOf(error: unknown): Status {
  const parsed = metadata.safeParse(error)
  const [details] = parsed.success ? parsed.data.metadata.get('grpc-status-details-bin') : []
  return details instanceof Uint8Array ? readStatus(details) : {}
}

function reasonOf(status: Status, message = ''): string | undefined {
  return storageErrorOf(status) ?? (SCHEMA_MISMATCH.test(message) ? 'SCHEMA_MISMATCH' : undefined)
}

/** A column of ours that the table lacks, or has in another type; it does not always come with the word for it. */
const SCHEMA_MISMATCH = /schema has more fields than|field mismatched with BigQuery field/i
