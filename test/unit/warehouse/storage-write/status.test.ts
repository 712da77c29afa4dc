// The words of the Storage Write API, read from bytes as Google's own classes write them.

import { protos } from '@google-cloud/bigquery-storage'
import { expect, test } from '@jest/globals'
import { readStatus, storageErrorOf } from '#warehouse/storage-write/status'

const { StorageError } = protos.google.cloud.bigquery.storage.v1
const { Status } = protos.google.rpc

const words = Object.keys(StorageError.StorageErrorCode).filter(
  (word) => /^[A-Z]/.test(word) && !word.endsWith('_UNSPECIFIED'),
)

test.each(words)('%s is read by its word', (word) => {
  const value = StorageError.encode(StorageError.fromObject({ code: word })).finish()
  const type_url = 'type.googleapis.com/google.cloud.bigquery.storage.v1.StorageError'
  const bytes = Status.encode({ code: 3, message: 'no', details: [{ type_url, value }] }).finish()
  const status = readStatus(bytes)
  expect(status).toMatchObject({ code: 3, message: 'no' })
  expect(storageErrorOf(status)).toBe(word)
})

test.each([
  ['nothing', new Uint8Array()],
  ['half a status', Status.encode({ code: 3, message: 'no such table' }).finish().subarray(0, 6)],
  ['something else', Buffer.from('<html>')],
])('%s has no word, and is no error', (_what, bytes) => {
  expect(storageErrorOf(readStatus(bytes))).toBeUndefined()
})
