// The one connection to a table: how it is opened, and when another one is.

import { EventEmitter } from 'node:events'
import { expect, test } from '@jest/globals'
import { Clients } from '#warehouse/storage-write/clients'
import { TableStream } from '#warehouse/storage-write/table-stream'

const STREAM = 'projects/p/datasets/streaming/tables/audit_log/streams/_default'
const TARGET = { writeStream: STREAM, descriptor: { name: 'Row' } }

type Sent = { readonly protoRows: { readonly writerSchema?: object } }

/** A BigQuery that answers every append with `answers` in turn, and then takes them. */
function bigqueryWith(...answers: readonly object[]) {
  const opened: object[] = []
  const sent: Sent[] = []
  const appendRows = (options: object) => {
    opened.push(options)
    const stream = new EventEmitter()
    let isEnded = false
    const end = () => {
      if (!isEnded) setImmediate(() => stream.emit('close'))
      isEnded = true
    }
    return Object.assign(stream, {
      write: (request: Sent) => {
        const answer = answers[sent.push(request) - 1] ?? { appendResult: {} }
        setImmediate(() => stream.emit('data', answer))
      },
      cancel: end,
      destroy: end,
    })
  }
  const client = { initialize: async () => {}, appendRows, close: async () => {} }
  const stream = new TableStream(new Clients(() => Object(client)), TARGET, 60_000)
  return { stream, opened, sent }
}

const ROWS = [new Uint8Array([1])]

test('BigQuery is told the stream in the header by which it finds the region, and the schema until it has taken it', async () => {
  const { stream, opened, sent } = bigqueryWith()
  expect(await stream.append(ROWS)).toEqual({ kind: 'written' })
  expect(await stream.append(ROWS)).toEqual({ kind: 'written' })
  expect(opened).toEqual([
    {
      otherArgs: {
        headers: {
          'x-goog-request-params': `write_stream=${encodeURIComponent(STREAM)}`,
        },
      },
    },
  ])
  expect(sent.map(({ protoRows }) => 'writerSchema' in protoRows)).toEqual([true, false])
  // A column without a value has its default, such as the time at which a row was written.
  expect(sent[0]).toMatchObject({
    writeStream: STREAM,
    defaultMissingValueInterpretation: 'DEFAULT_VALUE',
    protoRows: { rows: { serializedRows: ROWS } },
  })
  await stream.close()
})

test.each([
  ['a table that gained columns', { appendResult: {}, updatedSchema: {} }, 2],
  ['a fault of the moment', { error: { code: 14, message: 'away' } }, 2],
  ['a row that is refused', { rowErrors: [{ index: 0, message: 'no' }] }, 1],
])('after %s, the next append is on connection number %#', async (_what, answer, connections) => {
  const { stream, opened } = bigqueryWith(answer)
  await stream.append(ROWS)
  expect(await stream.append(ROWS)).toEqual({ kind: 'written' })
  expect(opened).toHaveLength(connections)
  await stream.close()
})
