// What became of one append: everything BigQuery can say of it, inside a result or by breaking the connection.

import type { protos } from '@google-cloud/bigquery-storage'
import { z } from 'zod'
import type { CallFault } from '../../classify-error.ts'
import { toFault } from '../google-error.ts'
import { readStatus, type Status, storageErrorOf } from './status.ts'

type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse

export type RowError = { readonly index: number; readonly message: string }

export type Answer =
  | { readonly kind: 'written' }
  /** Nothing of the append was written, for these rows' sake. */
  | { readonly kind: 'bad_rows'; readonly errors: readonly RowError[] }
  | { readonly kind: 'fault'; readonly fault: CallFault }

/** BigQuery reports errors inside results: one that is not looked at is data lost. */
export function readResponse({ error, rowErrors }: Response): Answer {
  if (rowErrors?.length) return { kind: 'bad_rows', errors: rowErrors.map(toRowError) }
  if (error?.code) return { kind: 'fault', fault: toStatusFault(error) }
  return { kind: 'written' }
}

/** Why a connection broke, or could not be opened. */
export function readConnectionError(error: unknown): CallFault {
  const fault = toFault(error)
  return { ...fault, reason: fault.reason ?? reasonOf(statusOf(error), fault.message) }
}

function toRowError({ index, message }: protos.google.cloud.bigquery.storage.v1.IRowError) {
  return { index: Number(index ?? 0), message: message ?? '' }
}

function toStatusFault(status: Status): CallFault {
  const message = status.message ?? ''
  return { grpcStatus: status.code ?? undefined, reason: reasonOf(status, message), message }
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

function reasonOf(status: Status, message: string): string | undefined {
  return storageErrorOf(status) ?? (SCHEMA_MISMATCH.test(message) ? 'SCHEMA_MISMATCH' : undefined)
}

/** A column of ours that the table lacks, or has in another type; it does not always come with the word for it. */
const SCHEMA_MISMATCH = /schema has more fields than|field mismatched with BigQuery field/i
