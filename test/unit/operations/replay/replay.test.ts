// What a replay refuses, counts and remembers, without a pipeline.

import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BigQuery } from '@google-cloud/bigquery'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { grpc } from 'google-gax'
import { readCheckpoint, writeCheckpoint } from '#operations/replay/checkpoint'
import { replay, requireModest, sizeOf } from '#operations/replay/replay'
import type { BigQueryPlace } from '#warehouse/bigquery-error'
import { rawMethod } from '../../../../bench/load/raw-grpc.ts'
import { begin } from '../../../../cli/replay/run.ts'
import { doneText } from '../../../../cli/replay/wording.ts'

let file = ''
beforeEach(() => {
  file = join(tmpdir(), `${randomUUID()}.json`)
})
afterEach(() => rmSync(file, { force: true }))

test('a replay of this size needs no confirmation', () => {
  expect(() => requireModest({ messages: 100_000, bytes: 1_000_000_000 })).not.toThrow()
})

test.each([
  { messages: 100_001, bytes: 1 },
  { messages: 1, bytes: 1_000_000_001 },
])('a replay that has to be confirmed: %j', (size) => {
  const refusal = { code: 'replay_too_large', details: size }
  expect(() => requireModest(size)).toThrow(expect.objectContaining(refusal))
})

const counts = (messages: number, staged: number, open: number) => ({
  partner_id: 'dealer-7',
  type: 'purchase',
  messages,
  staged,
  open,
  missing_bytes: 10 * (messages - staged - open),
  bytes: 10 * (messages - open),
})

test('what is staged is published where that is asked for, and what waits in a dead letter never', () => {
  const both = [counts(9, 4, 2), counts(5, 5, 0)]
  expect(sizeOf(both, { includesStaged: false })).toEqual({ messages: 3, bytes: 30 })
  expect(sizeOf(both, { includesStaged: true })).toEqual({ messages: 12, bytes: 120 })
  expect(sizeOf([], { includesStaged: true })).toEqual({ messages: 0, bytes: 0 })
})

const SELECTION = {
  since: '2026-11-20T00:00:00.000Z',
  until: '2026-11-21T00:00:00.000Z',
  partner: 'dealer-7',
  decision: 'accepted' as const,
  includesStaged: false,
  after: { publishTime: '2026-11-20T10:00:00.123456Z', messageId: 'm1' },
}

test('a checkpoint is read as it was written, and continues without a selection', () => {
  const state = { selection: SELECTION, published: 7, isDone: false }
  expect(readCheckpoint(file)).toBeNull()
  writeCheckpoint(file, state)
  expect(readCheckpoint(file)).toEqual(state)
  expect(begin({ checkpoint: file, decision: 'accepted', rate: 1 })).toEqual(state)
})

const [SINCE, UNTIL] = [new Date('2026-11-20T00:00:00Z'), new Date('2026-11-21T00:00:00Z')]

test('a new replay selects what was asked for, and has published nothing', () => {
  const chosen = { partner: 'dealer-7', type: 'purchase', batch: 'batch-1' }
  const options = { ...chosen, since: SINCE, until: UNTIL, decision: 'any', rate: 1 } as const
  const { after: _, ...selection } = { ...SELECTION, ...chosen, decision: 'any' }
  const begun = { selection, published: 0, isDone: false }
  expect(begin(options)).toEqual(begun)
  expect(begin({ ...options, checkpoint: file })).toEqual(begun)
  expect(begin({ ...options, staged: true }).selection.includesStaged).toBe(true)
})

test('a replay goes to now where no end is given, and needs a beginning', () => {
  const options = { decision: 'accepted', rate: 1 } as const
  const { until } = begin({ ...options, since: SINCE }).selection
  expect(Math.abs(Date.now() - Date.parse(until))).toBeLessThan(3_600_000)
  expect(() => begin(options)).toThrow('Say which messages: --since')
  expect(() => begin({ ...options, checkpoint: file })).toThrow('--since')
})

test.each([SINCE, new Date(0)])('a replay from %j on cannot end at %j', (until) => {
  expect(() => begin({ since: SINCE, until, decision: 'accepted', rate: 1 })).toThrow(
    expect.objectContaining({ code: 'period_reversed', details: { since: SINCE, until } }),
  )
})

test.each([
  ['since', { since: new Date(0) }],
  ['until', { until: new Date(0) }],
  ['partner', { partner: 'dealer-7' }],
  ['type', { type: 'purchase' }],
  ['batch', { batch: 'batch-1' }],
  ['decision', { decision: 'any' as const }],
  ['staged', { staged: true }],
])('a checkpoint does not continue another selection: %s', (_, own) => {
  writeCheckpoint(file, { selection: SELECTION, published: 7, isDone: false })
  const options = { checkpoint: file, decision: 'accepted' as const, rate: 1, ...own }
  expect(() => begin(options)).toThrow(expect.objectContaining({ code: 'checkpoint_taken' }))
})

test.each(['{', '{}', '[]'])('a file that is no checkpoint is left as it is: %s', (text) => {
  writeFileSync(file, text)
  expect(() => readCheckpoint(file)).toThrow(
    expect.objectContaining({ code: 'checkpoint_unusable' }),
  )
})

test('a checkpoint that cannot be written is said by its name', () => {
  const nowhere = join(file, 'replay.json')
  const write = () =>
    writeCheckpoint(nowhere, { selection: SELECTION, published: 0, isDone: false })
  expect(write).toThrow(expect.objectContaining({ code: 'checkpoint_unusable' }))
})

test.each([
  [{ published: 1, leftOut: [], isDone: true }, undefined, '1 message published to retry.'],
  [
    { published: 2, leftOut: [], isDone: false },
    'r.json',
    'Continue with npm run replay -- --checkpoint r.json.',
  ],
  [{ published: 2, leftOut: [], isDone: false }, undefined, 'Continue with the same command'],
  [
    { published: 2, leftOut: ['m1'], isDone: true },
    undefined,
    'no room for two more attributes: m1.',
  ],
])('%j with the checkpoint %s', (done, checkpoint, text) => {
  expect(doneText(done, 'retry', checkpoint)).toContain(text)
})

/** A Pub/Sub that takes one message a request, and gives it an id. @returns its address, and what ends it */
async function servePublisher() {
  const server = new grpc.Server()
  let requests = 0
  server.addService(
    { Publish: rawMethod('/google.pubsub.v1.Publisher/Publish') },
    {
      Publish: (_call: unknown, reply: grpc.sendUnaryData<Buffer>) => {
        const id = `id-${++requests}`
        reply(null, Buffer.concat([Buffer.from([0x0a, id.length]), Buffer.from(id)]))
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure()
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { host: `127.0.0.1:${port}`, stop: () => server.forceShutdown() }
}

const rowOf = (message_id: string, attributes: object = {}) => ({
  message_id,
  publish_time: `2026-11-20T11:00:00.00000${message_id.slice(1)}Z`,
  data: Buffer.from('{}'),
  attributes: JSON.stringify(attributes),
})

const FULL = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`a${at}`, 'x']))

/** Replays three messages, and a fourth that has no room for more attributes. @param stopAfter published messages */
async function replayed(stopAfter: number) {
  const rows = [rowOf('m2'), rowOf('m3', FULL), rowOf('m4'), rowOf('m5')]
  const job = { getQueryResults: async () => [rows, null, { totalRows: rows.length }] }
  const bigquery: BigQuery & BigQueryPlace = Object({ createQueryJob: async () => [job] })
  const { host, stop } = await servePublisher()
  const controller = new AbortController()
  const target = {
    GOOGLE_CLOUD_PROJECT: 'p',
    PUBSUB_EMULATOR_HOST: host,
    PUBSUB_RETRY_TOPIC: 'retry',
  }
  const told: number[] = []
  const begun = { selection: SELECTION, published: 7, isDone: false }
  try {
    const done = await replay(bigquery, target, begun, {
      rate: 20,
      checkpointFile: file,
      onPublished: (count) => {
        told.push(count)
        if (told.length === stopAfter) controller.abort()
      },
      signal: controller.signal,
    })
    return { done, told, checkpoint: readCheckpoint(file) }
  } finally {
    stop()
  }
}

test('a replay that goes to its end is done, and its checkpoint is that of its last message', async () => {
  expect(await replayed(0)).toEqual({
    done: { published: 10, isDone: true, leftOut: ['m3'] },
    told: [8, 9, 10],
    checkpoint: {
      selection: {
        ...SELECTION,
        after: { publishTime: '2026-11-20T11:00:00.000005Z', messageId: 'm5' },
      },
      published: 10,
      isDone: true,
    },
  })
})

test('a replay that is stopped is not done, and continues behind the last message that was taken', async () => {
  const { done, checkpoint, told } = await replayed(1)
  const published = told.at(-1) ?? 0
  expect(done).toMatchObject({ published, isDone: false })
  expect(checkpoint).toMatchObject({ published, isDone: false })
  // The message behind the one that is under way may have been taken as well.
  const lastOf: Readonly<Record<number, string>> = { 8: 'm2', 9: 'm4' }
  expect(checkpoint?.selection.after?.messageId).toBe(lastOf[published])
})
