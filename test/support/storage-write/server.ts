// A Storage Write API that keeps its documented rules to the letter, and fails in every way a test asks for.

import * as grpc from '@grpc/grpc-js'
import { TABLES } from '#contracts'
import { rawMethod } from '../../../bench/load/raw-grpc.ts'
import { type Call, endCall, ServerConnection } from './connection.ts'
import type { DecodedRow } from './proto-rows.ts'
import type { ServerState } from './state.ts'

/** @property address `host:port` */
export type StorageWriteServer = ServerState & { readonly address: string }

/** @param onPort 0 for any that is free */
export async function serveStorageWrite(onPort = 0): Promise<StorageWriteServer> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 })
  const kept = new Map<string, DecodedRow[]>()
  const calls = new Set<Call>()
  const state: ServerState = {
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
