// BigQuery's Storage Write API as a sink: it takes every append, checks and counts its rows, and keeps nothing.

import { Server, type ServerDuplexStream, type ServiceDefinition } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { field, rawMethod } from './raw-grpc.ts'
import { sinksOf, type Tally } from './tally.ts'

const { Reader, Writer } = protobuf

type Append = { readonly table: string; readonly rows: readonly Buffer[] }

const service: ServiceDefinition = {
  appendRows: {
    ...rawMethod('/google.cloud.bigquery.storage.v1.BigQueryWrite/AppendRows'),
    requestStream: true,
    responseStream: true,
    requestDeserialize: readAppend,
  },
}

export function createStorageWriteSink(tally: Tally): Server {
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  server.addService(service, {
    appendRows: (call: ServerDuplexStream<Append, Buffer>) => {
      let table = ''
      call.on('data', (append: Append) => {
        // The first request of a connection names its table.
        table ||= append.table
        for (const row of append.rows) {
          const sinks = sinksOf(table, row)
          if (sinks.length === 0) {
            call.destroy(new Error(`no table ${table}`))
            return
          }
          for (const sink of sinks) tally.addRow(sink, row)
        }
        call.write(APPENDED)
      })
      call.on('end', () => call.end())
    },
  })
  return server
}

/** An AppendRowsResponse with an empty AppendResult, as the default stream answers. */
const APPENDED = Buffer.from(new Writer().uint32(field(1)).fork().ldelim().finish())

/** AppendRowsRequest: write_stream 1, proto_rows 4 { rows 2 { serialized_rows 1 } }. */
function readAppend(bytes: Buffer): Append {
  const reader = Reader.create(bytes)
  let table = ''
  let rows: Buffer[] = []
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === field(1)) table = /tables\/(\w+)/.exec(reader.string())?.[1] ?? ''
    else if (tag === field(4)) rows = bytesOf(bytesOf([reader.bytes()], 2), 1)
    else reader.skipType(tag & 7)
  }
  return { table, rows }
}

/** Every value of one length-delimited field of these messages. */
function bytesOf(messages: readonly Uint8Array[], number: number): Buffer[] {
  const values: Buffer[] = []
  for (const message of messages) {
    const reader = Reader.create(message)
    while (reader.pos < reader.len) {
      const tag = reader.uint32()
      if (tag === field(number)) values.push(Buffer.from(reader.bytes()))
      else reader.skipType(tag & 7)
    }
  }
  return values
}
