// What became of one append: everything BigQuery can say of it, inside a result or by breaking the connection.

import { protos } from '@google-cloud/bigquery-storage'
import { z } from 'zod'
import type { CallFault } from '../../classify-error.ts'
import { toFault } from '../google-error.ts'

type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse
type Status = protos.google.rpc.IStatus

export type RowError = { readonly index: number; readonly message: string }

export type Answer =
  | { readonly kind: 'written' }
  /** Nothing of the append was written, for these rows' sake. */
  | { readonly kind: 'bad_rows'; readonly errors: readonly RowError[] }
  | { readonly kind: 'fault'; readonly fault: CallFault }

/** BigQuery reports errors inside results: one that is not looked at is data lost. */
export function readResponse({ error, rowErrors }: Response): Answer {
  if (rowErrors?.length) return { kind: 'bad_rows', errors: rowErrors.map(toRowError) }
  if (error?.code) return { kind: 'fault', fault: readStatus(error) }
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

function readStatus(status: Status): CallFault {
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
  return details instanceof Uint8Array
    ? decoded(() => protos.google.rpc.Status.decode(details))
    : {}
}

/** Trailers and details are what some server sent: one that cannot be read says nothing. */
function decoded<T extends object>(decode: () => T): T | Record<string, never> {
  try {
    return decode()
  } catch {
    return {}
  }
}

const { StorageError } = protos.google.cloud.bigquery.storage.v1

/** The Storage Write API's own word for what is wrong, such as `SCHEMA_MISMATCH_EXTRA_FIELDS`. */
function reasonOf({ details }: Status, message: string): string | undefined {
  for (const { type_url: type, value } of details ?? []) {
    if (!type?.endsWith('.StorageError') || !(value instanceof Uint8Array)) continue
    const { code } = decoded(() => StorageError.decode(value))
    if (code) return StorageError.StorageErrorCode[Number(code)]
  }
  return SCHEMA_MISMATCH.test(message) ? 'SCHEMA_MISMATCH' : undefined
}

/** A column of ours that the table lacks, or has in another type; it does not always come with the word for it. */
const SCHEMA_MISMATCH = /schema has more fields than|field mismatched with BigQuery field/i
