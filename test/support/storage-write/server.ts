// A Storage Write API that keeps its documented rules to the letter, and fails in every way a test asks for.

import type { protos } from '@google-cloud/bigquery-storage'
import * as grpc from '@grpc/grpc-js'
import { type Column, TABLES } from '#contracts'
import { rawMethod } from '../../../bench/load/raw-grpc.ts'
import { type Call, endCall, ServerConnection } from './connection.ts'
import type { Refusal } from './judge.ts'
import type { DecodedRow } from './proto-rows.ts'

type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse

export type Request = {
  readonly connection: number
  readonly rows: number
  readonly bytes: number
  readonly hasSchema: boolean
}

/** What happens to one append instead of, or on top of, what it deserves. */
export type Fault =
  /** Answered inside a result, and nothing is written. */
  | { readonly answer: Response }
  /** The stream ends with this status; `afterWrite` loses only the answer. */
  | { readonly breaks: Refusal; readonly afterWrite?: boolean }
  /** The stream ends as if all were well. */
  | { readonly closes: true }
  | { readonly hangs: true }
  | { readonly delayMs: number }
  /** Written, and answered once more than it should be. */
  | { readonly answersTwice: true }
  /** Written, and the answer says that the table has other columns by now. */
  | { readonly updatedSchema: true }

/** What the server keeps, and what a test tells it. */
export type Books = {
  /** The columns of each table that exists; a test takes away or changes what it likes. */
  readonly tables: Map<string, readonly Column[]>
  readonly rows: (table: string) => readonly DecodedRow[]
  readonly keep: (table: string, rows: readonly DecodedRow[]) => void
  readonly requests: Request[]
  /** One fault for each of the next appends, in order. */
  readonly faults: Fault[]
  /** Refuses every append until it is set back to null. */
  refuseAll: Refusal | null
  /** Ends every open stream; `refusal` as an error, or as if all were well. */
  readonly endStreams: (refusal?: Refusal) => void
  readonly openStreams: () => number
  readonly stop: () => void
}

/** @property address `host:port` */
export type StorageWriteServer = Books & { readonly address: string }

/** @param onPort 0 for any that is free */
export async function serveStorageWrite(onPort = 0): Promise<StorageWriteServer> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 })
  const kept = new Map<string, DecodedRow[]>()
  const calls = new Set<Call>()
  const state: Books = {
    tables: new Map(TABLES.map(({ name, columns }) => [name, columns])),
    rows: (table) => kept.get(table) ?? [],
    keep: (table, rows) => void kept.set(table, [...(kept.get(table) ?? []), ...rows]),
    requests: [],
    faults: [],
    refuseAll: null,
    endStreams: (refusal) => {
      for (const call of calls) endCall(call, refusal)
    },
    openStreams: () => calls.size,
    stop: () => server.forceShutdown(),
  }
  let connections = 0
  const appendRows = (call: Call) => {
    calls.add(call)
    const connection = new ServerConnection(call, state, connections++)
    call.on('data', (message: Buffer) => connection.receive(message))
    call.on('end', () => call.end())
    for (const event of ['end', 'cancelled', 'error', 'close'])
      call.on(event, () => calls.delete(call))
  }
  const path = '/google.cloud.bigquery.storage.v1.BigQueryWrite/AppendRows'
  const method = { ...rawMethod(path), requestStream: true, responseStream: true }
  server.addService({ AppendRows: method }, { AppendRows: appendRows })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `127.0.0.1:${onPort}`,
      grpc.ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    )
  })
  return Object.assign(state, { address: `127.0.0.1:${port}` })
}
