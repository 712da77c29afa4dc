import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals'
import { Analytics } from '@segment/analytics-node'
import { type SegmentStandIn, startSegmentStandIn } from '../../../deploy/local/segment/server.ts'
import { createScratch } from '../../support/scratch.ts'

const scratch = createScratch()
const file = join(scratch.dir, 'calls.ndjson')
let segment: SegmentStandIn

beforeEach(async () => {
  segment = await startSegmentStandIn({ file })
})
afterEach(() => segment.close())
afterAll(() => scratch.remove())

const lines = () =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line))

const authorization = `Basic ${Buffer.from('key:').toString('base64')}`
const call = (messageId: string, more: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId: 'C101',
  messageId,
  ...more,
})
const post = (body: string, headers: Record<string, string> = { authorization }) =>
  fetch(`${segment.url}/v1/batch`, { method: 'POST', headers, body })
const postBatch = (...batch: readonly object[]) =>
  post(JSON.stringify({ batch, sentAt: new Date().toISOString() }))
const control = (method: string, path: string, body?: object) =>
  fetch(`${segment.url}${path}`, { method, body: body ? JSON.stringify(body) : null })

/** Sends calls as the SDK does, without its own retries; answers the reasons of failed ones. */
const track = (...messageIds: readonly string[]) => trackWithin(20_000, messageIds)

/** The same, where a request may take so many milliseconds. */
const trackWithin = async (
  httpRequestTimeout: number,
  messageIds: readonly string[],
): Promise<unknown[]> => {
  const analytics = new Analytics({
    writeKey: 'key',
    host: segment.url,
    flushAt: messageIds.length,
    maxRetries: 0,
    maxRateLimitDuration: 0,
    httpRequestTimeout,
  })
  const failures: unknown[] = []
  analytics.on('error', (error) => failures.push(error.reason))
  for (const messageId of messageIds)
    analytics.track({ event: 'Order Completed', userId: 'C101', messageId })
  await analytics.closeAndFlush({ timeout: 30_000 })
  return failures
}

test('an idle connection is kept for longer than a client may pause', async () => {
  const { headers } = await postBatch(call('a'))
  expect(headers.get('keep-alive')).toBe('timeout=60')
})

test('calls of the SDK are in the file, one line each, when it is answered', async () => {
  expect(await track('a', 'b')).toEqual([])
  expect(lines()).toEqual(
    ['a', 'b'].map((messageId) =>
      expect.objectContaining({
        messageId,
        event: 'Order Completed',
        receivedAt: expect.any(String),
      }),
    ),
  )
})

test('a repeated message id is written again and marked', async () => {
  await postBatch(call('a'))
  await postBatch(call('a'), call('b'))
  expect(lines()).toEqual([
    expect.not.objectContaining({ duplicate: true }),
    expect.objectContaining({ messageId: 'a', duplicate: true }),
    expect.not.objectContaining({ duplicate: true }),
  ])
  expect(segment.stats()).toMatchObject({ requests: 2, accepted: 3, duplicates: 1 })
})

test.each([
  ['without a write key', 401, () => post('{"batch":[]}', {})],
  ['with an empty write key', 401, () => post('{"batch":[]}', { authorization: 'Basic Og==' })],
  ['that is not JSON', 400, () => post('{"batch":[')],
  ['without a batch', 400, () => post('{}')],
  [
    'of more than 500 KB',
    400,
    () =>
      postBatch(...Array.from({ length: 20 }, (_, i) => call(`${i}`, { x: 'x'.repeat(30_000) }))),
  ],
  [
    'with an event of more than 32 KB',
    400,
    () => postBatch(call('a'), call('b', { x: 'x'.repeat(33_000) })),
  ],
])('a request %s is refused whole with %i', async (_, status, send) => {
  expect((await send()).status).toBe(status)
  expect(lines()).toEqual([])
  expect(segment.stats().refused).toEqual({ [status]: 1 })
})

test.each([
  ['a track without an event name', [call('a', { event: '' })], 0],
  ['a call of nobody', [call('a', { userId: undefined }), call('b')], 1],
  [
    'more than 2,500 events',
    Array.from({ length: 2_501 }, (_, i) => ({
      type: 'track',
      event: 'e',
      userId: 'u',
      messageId: `${i}`,
    })),
    0,
  ],
])('%s is dropped behind a 200', async (_, batch, accepted) => {
  expect((await postBatch(...batch)).status).toBe(200)
  expect(segment.stats()).toMatchObject({ accepted, dropped: batch.length - accepted })
  expect(lines()).toHaveLength(accepted)
})

test('a fault with a status is shown as often as asked, with Retry-After', async () => {
  await control('POST', '/_faults', { status: 429, retryAfter: 3, times: 2 })
  const response = await postBatch(call('a'))
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3'])
  expect(await track('b')).toHaveLength(1)
  expect(await track('c')).toEqual([])
  expect(await (await control('GET', '/_stats')).json()).toMatchObject({
    requests: 3,
    accepted: 1,
    refused: { 429: 2 },
  })
})

test('a fault meets only the requests that match, until faults are cleared', async () => {
  await control('POST', '/_faults', { status: 400, match: 'poison' })
  expect((await postBatch(call('good'))).status).toBe(200)
  expect((await postBatch(call('poison-1'))).status).toBe(400)
  expect((await postBatch(call('good-2'), call('poison-1'))).status).toBe(400)
  await control('DELETE', '/_faults')
  expect((await postBatch(call('poison-1'))).status).toBe(200)
})

test.each([
  ['hangs', { hang: true }],
  ['resets the connection', { reset: true }],
  ['is too slow', { delayMs: 10_000 }],
])('the SDK sees a failure when the server %s', async (_, fault) => {
  segment.fail(fault)
  expect(await trackWithin(1_000, ['a'])).toHaveLength(1)
  expect(lines()).toEqual([])
})

test('an answer can be lost after the calls were taken', async () => {
  segment.fail({ reset: true, accept: true, times: 1 })
  await expect(postBatch(call('a'))).rejects.toThrow('fetch failed')
  await postBatch(call('a'))
  expect(lines()).toEqual([
    expect.objectContaining({ messageId: 'a' }),
    expect.objectContaining({ messageId: 'a', duplicate: true }),
  ])
})

test('an unknown fault is refused by name', async () => {
  const response = await control('POST', '/_faults', { stauts: 500 })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('stauts')
})

test('a delayed request that outlasts the stand-in writes nowhere', async () => {
  segment.fail({ delayMs: 50 })
  const request = postBatch(call('a')).catch(() => {})
  await sleep(20)
  await segment.close()
  segment = await startSegmentStandIn({ file })
  await request
  await sleep(60)
  expect(lines()).toEqual([])
})

test('a new start empties the file', async () => {
  await postBatch(call('a'))
  await segment.close()
  segment = await startSegmentStandIn({ file })
  expect(lines()).toEqual([])
  expect((await control('GET', '/healthz')).status).toBe(200)
})
