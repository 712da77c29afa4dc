// google.rpc.Status and the StorageError in it, read from their bytes; the package's own classes for them take 40 MB.

import type { protos } from '@google-cloud/bigquery-storage'
import { PbfReader } from 'pbf'

/** The parts of a status that say what is wrong. */
export type Status = Pick<protos.google.rpc.IStatus, 'code' | 'message' | 'details'>

/** By number, as google.cloud.bigquery.storage.v1.StorageError.StorageErrorCode has them. */
const WORDS = [
  undefined,
  'TABLE_NOT_FOUND',
  'STREAM_ALREADY_COMMITTED',
  'STREAM_NOT_FOUND',
  'INVALID_STREAM_TYPE',
  'INVALID_STREAM_STATE',
  'STREAM_FINALIZED',
  'SCHEMA_MISMATCH_EXTRA_FIELDS',
  'OFFSET_ALREADY_EXISTS',
  'OFFSET_OUT_OF_RANGE',
  'CMEK_NOT_PROVIDED',
  'INVALID_CMEK_PROVIDED',
  'CMEK_ENCRYPTION_ERROR',
  'KMS_SERVICE_ERROR',
  'KMS_PERMISSION_DENIED',
] as const

/** The Storage Write API's own word for what is wrong, such as `SCHEMA_MISMATCH_EXTRA_FIELDS`, where the status has one. */
export function storageErrorOf({ details }: Status): string | undefined {
  for (const { type_url: type, value } of details ?? []) {
    if (!type?.endsWith('.StorageError') || !(value instanceof Uint8Array)) continue
    const word = WORDS[readable(() => readCode(value)) ?? 0]
    if (word) return word
  }
  return undefined
}

/** Bytes that are no status are an empty one. */
export function readStatus(bytes: Uint8Array): Status {
  return readable(() => new PbfReader(bytes).readFields(readStatusField, emptyStatus())) ?? {}
}

/** Trailers and details are what some server sent: one that cannot be read says nothing. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

type Any = { type_url: string; value: Uint8Array }
type MutableStatus = { code: number; message: string; details: Any[] }

const emptyStatus = (): MutableStatus => ({ code: 0, message: '', details: [] })

function readStatusField(field: number, status: MutableStatus, reader: PbfReader): void {
  if (field === 1) status.code = reader.readVarint(true)
  else if (field === 2) status.message = reader.readString()
  else if (field === 3)
    status.details.push(reader.readMessage(readAnyField, { type_url: '', value: new Uint8Array() }))
}

function readAnyField(field: number, any: Any, reader: PbfReader): void {
  if (field === 1) any.type_url = reader.readString()
  else if (field === 2) any.value = reader.readBytes()
}

function readCode(bytes: Uint8Array): number {
  return new PbfReader(bytes).readFields(
    (field, error, reader) => {
      if (field === 1) error.code = reader.readVarint()
    },
    { code: 0 },
  ).code
}
