// What one request to the demo's codec server may cost: it never keeps the health check waiting, and is answered soon.

import { readFile, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { encodeBatch } from '#contracts/batch-payload'
import { BudgetError, createBudget } from '../../../deploy/codec-server/budget.ts'
import { MAX_PAYLOADS, readPayloads, writePayloads } from '../../../deploy/codec-server/wire.ts'
import { type CodecDetails, startCodec } from '../../../deploy/local/codec.ts'
import type { RunningService } from '../../../deploy/local/service.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { nameOf } from '../../support/hostile-input.ts'
import { createScratch } from '../../support/scratch.ts'

const UI_PORT = 18_233
const UI = `http://127.0.0.1:${UI_PORT}`

const scratch = createScratch()
let codec: RunningService<CodecDetails>
let token = ''
beforeAll(async () => {
  const { dir } = scratch
  codec = await startCodec({ dataDir: dir, logDir: dir, uiPorts: [UI_PORT, 18_234] })
  token = await readFile(codec.details.tokenFile, 'utf8')
}, 60_000)
afterAll(async () => {
  await codec?.stop()
  await scratch.remove()
})

/** Alone, a machine of two cores takes a tenth of these: they also hold while it does much else. */
const MAX_HEALTH_MS = 6_000
const MAX_ANSWER_MS = 15_000

type Answer = { readonly status: number; readonly body: string; readonly ms: number }

/** The server may close a connection that waits, just when it is used again. */
const FRESH = { connection: 'close' }

async function decode(body: string, headers: Record<string, string> = { origin: UI }) {
  const started = performance.now()
  const response = await fetch(`${codec.details.url}/decode`, {
    method: 'POST',
    body,
    headers: { ...FRESH, ...headers },
  })
  const text = await response.text()
  return { status: response.status, body: text, ms: performance.now() - started }
}

/** Asks for health again and again while `work` is done; the longest wait for it in milliseconds. */
async function slowestHealth(work: Promise<Answer>): Promise<number> {
  let slowest = 0
  const state = { isDone: false }
  const finished = work.finally(() => {
    state.isDone = true
  })
  while (!state.isDone) {
    const started = performance.now()
    const { status } = await fetch(`${codec.details.url}/healthz`, { headers: FRESH })
    expect(status).toBe(200)
    slowest = Math.max(slowest, performance.now() - started)
    await sleep(10)
  }
  await finished
  return slowest
}

const bodyOf = (batches: readonly Uint8Array[]) =>
  writePayloads(batches.map((batch) => defaultPayloadConverter.toPayload(batch)))

const valueOf = (payload: Payload) => defaultPayloadConverter.fromPayload<object>(payload)

/** 20 KB that unpack to 5 MB. */
const bomb = encodeBatch([message(`{"a":"${' '.repeat(5_000_000)}"}`)])
const keys = (count: number) =>
  `{${Array.from({ length: count }, (_, at) => `"${nameOf(at)}":1`).join(',')}}`

describe('a small request that unpacks to much', () => {
  test.each([
    [
      'an event with a million blanks',
      () => [encodeBatch([message({ ...purchase, currency: ' '.repeat(1_000_000) })])],
    ],
    ['150 gzip bombs', () => Array.from({ length: 150 }, () => bomb)],
    [
      'many events of a sixty thousand fields',
      () => [encodeBatch(Array.from({ length: 12 }, () => message(keys(60_000))))],
    ],
    ['a million zeros', () => [encodeBatch([message(`{"amount":0.${'0'.repeat(1_000_000)}1}`)])]],
  ])(
    '%s: the health check answers meanwhile, and so does the request',
    async (_what, batchesOf) => {
      const work = decode(bodyOf(batchesOf()))
      const health = await slowestHealth(work)
      const { status, ms } = await work
      expect(status).toBe(200)
      expect(health).toBeLessThan(MAX_HEALTH_MS)
      expect(ms).toBeLessThan(MAX_ANSWER_MS)
    },
  )

  test('what is over the budget becomes a sentence, and what came before it is shown', async () => {
    const good = encodeBatch([message(purchase)])
    const { body } = await decode(bodyOf([good, ...Array.from({ length: 7 }, () => bomb), good]))
    const shown = readPayloads(body).map(valueOf)
    expect(shown.map((value) => 'messages' in value)).toEqual([
      ...Array(7).fill(true),
      false,
      false,
    ])
    expect(shown.slice(7)).toEqual([
      {
        not_decoded: expect.stringMatching(/^The batch unpacks to more than \d+ bytes: ask for it/),
      },
      { not_decoded: expect.stringMatching(/^The payloads of this request unpack to more than/) },
    ])
  })
})

describe('a request of another form', () => {
  test.each([
    [
      'too many payloads',
      `{"payloads":[${'{},'.repeat(MAX_PAYLOADS)}{}]}`,
      `The body has ${MAX_PAYLOADS + 1} payloads: send at most ${MAX_PAYLOADS} at a time.`,
    ],
    [
      'two million payloads',
      `{"payloads":[${'{},'.repeat(2_000_000)}{}]}`,
      'The body has 2000001 payloads',
    ],
    [
      'a payload with much metadata',
      `{"payloads":[{"metadata":${keys(100_000).replaceAll(':1', ':""')}}]}`,
      'payloads.0.metadata has more than 32 entries',
    ],
  ])('%s: 413', async (_what, body, line) => {
    const work = decode(body)
    expect(await slowestHealth(work)).toBeLessThan(MAX_HEALTH_MS)
    const answer = await work
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 413,
      body: expect.stringContaining(line),
    })
  })

  test('a payload larger than Temporal stores becomes a sentence', async () => {
    const data = Buffer.alloc(3_000_000, ' ').toString('base64')
    const { body } = await decode(`{"payloads":[{"data":"${data}"}]}`)
    expect(readPayloads(body).map(valueOf)).toEqual([
      { not_decoded: expect.stringContaining('Temporal stores no more than 2 MB') },
    ])
  })
})

describe('who may ask the demo', () => {
  const empty = '{"payloads":[]}'
  const statusOf = async (headers: Record<string, string>) => (await decode(empty, headers)).status

  test("the UI's page may without a token, and Temporal's CLI with it", async () => {
    expect(await statusOf({ origin: UI })).toBe(200)
    expect(await statusOf({ origin: `http://localhost:${UI_PORT}` })).toBe(200)
    expect(await statusOf({ authorization: `Bearer ${token}` })).toBe(200)
  })

  test('nothing else may: no page, another page, another port, another token', async () => {
    expect(await decode(empty, {})).toMatchObject({
      status: 401,
      body: expect.stringContaining('send CODEC_SERVER_TOKEN as Authorization: Bearer'),
    })
    expect(await statusOf({ origin: 'http://evil.example' })).toBe(403)
    expect(await statusOf({ origin: 'http://localhost:3000' })).toBe(403)
    expect(await statusOf({ origin: UI, authorization: 'Bearer wrong' })).toBe(401)
  })

  test('a page whose host name was made to point here may not', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example', origin: UI }
      const url = `${codec.details.url}/decode`
      const asking = request(url, { method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asking.on('error', reject)
      asking.end(empty)
    })
    expect(status).toBe(403)
  })

  test('the token is for its owner alone to read, and the same at the next start', async () => {
    expect((await stat(codec.details.tokenFile)).mode & 0o777).toBe(0o600)
    expect(token).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('a budget', () => {
  test('gives the event loop back to others while there is work', async () => {
    const budget = createBudget(() => false)
    let turns = 0
    const other = setInterval(() => turns++, 1)
    const until = performance.now() + 2_000
    const isOver = () => turns > 3 || performance.now() > until
    while (!isOver()) await budget.breathe()
    clearInterval(other)
    expect(turns).toBeGreaterThan(3)
  })

  test('ends when its bytes or its time are spent, or the caller is gone', async () => {
    const spent = createBudget(() => false)
    spent.spend(spent.bytesLeft())
    const late = createBudget(() => false, -1)
    const gone = createBudget(() => true)
    for (const budget of [spent, late, gone])
      await expect(budget.breathe()).rejects.toThrow(BudgetError)
  })
})
