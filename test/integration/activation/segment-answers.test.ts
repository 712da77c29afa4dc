// What counts as accepted by Segment: its documented answer alone, whichever adapter asks, and whatever stands in its place.

import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { Analytics } from '@segment/analytics-node'
import { z } from 'zod'
import type { WrittenCall } from '#activation/segment/segment'
import { createHttpSegment } from '#activation/segment/segment-http'
import { createSdkSegment } from '#activation/segment/segment-sdk'
import { message, purchase } from '../../fixtures/messages.ts'
import { createActivation } from '../../support/activate.ts'
import { batchOf } from '../../support/activities.ts'
import {
  type Answer,
  type AnsweringServer,
  SIGN_IN_PAGE,
  says,
  startAnsweringServer,
} from '../../support/answering-server.ts'

let server: AnsweringServer
beforeAll(async () => {
  server = await startAnsweringServer()
})
afterAll(() => server.close())

const TRUE = { success: true }
/** A delay is in whole seconds. */
const SECOND_MS = 1_000
const PIECE = ' '.repeat(64 * 1024)
const JSON_TYPE = { 'content-type': 'application/json' }

const LIES: readonly (readonly [string, Answer])[] = [
  ['a web page', says(200, SIGN_IN_PAGE)],
  ['nothing', says(200)],
  ['nothing of the type JSON', says(200, '', JSON_TYPE)],
  ['{"success":false}', says(200, { success: false })],
  ['{"success":"true"}', says(200, { success: 'true' })],
  ['{"success":1}', says(200, { success: 1 })],
  ['an error next to the success', says(200, { success: true, error: 'quota' })],
  ['a list', says(200, [TRUE])],
  ['true', says(200, 'true', JSON_TYPE)],
  ['null', says(200, 'null', JSON_TYPE)],
  ['an empty object', says(200, {})],
  ['a success and none', says(200, '{"success":false,"success":true}', JSON_TYPE)],
  ['a success twice', says(200, '{"success":true,"success":true}', JSON_TYPE)],
  ['the answer behind another character', says(200, '\u0000{"success":true}', JSON_TYPE)],
  ['the answer and more than is read', says(200, `{"success":true}${PIECE}{}`, JSON_TYPE)],
  ['the answer and more blanks than are read', says(200, `{"success":true}${PIECE}`, JSON_TYPE)],
  ['half of the answer', says(200, '{"success":tru', JSON_TYPE)],
  ['more than the answer', says(200, '{"success":true}{"success":true}', JSON_TYPE)],
  ['the answer with another status of success', says(201, TRUE)],
  ['202', says(202, TRUE)],
  ['203', says(203, TRUE)],
  ['204', says(204)],
  ['206', says(206, TRUE)],
  [
    'an answer that is packed',
    says(200, gzipSync('{"success":true}'), { 'content-encoding': 'gzip' }),
  ],
  ['an answer in an unknown code', says(200, TRUE, { 'content-encoding': 'br' })],
]

const OTHERS: readonly (readonly [string, Answer])[] = [
  ['a redirect', says(302, '', { location: '/elsewhere' })],
  ['a permanent redirect', says(308, '', { location: '/elsewhere' })],
  ['not modified', says(304)],
]

describe.each([
  ['http', createHttpSegment],
  ['sdk', createSdkSegment],
] as const)('through the %s adapter', (_name, create) => {
  const activate = (...events: Parameters<typeof message>[]) =>
    createActivation(create({ host: server.url, writeKey: 'key' })).activate(
      batchOf(...events.map((event) => message(...event))),
    )
  const order = (order_id: string): Parameters<typeof message> => [{ ...purchase, order_id }]

  test('Segment’s own answer is taken for what it is', async () => {
    server.answer(says(200, TRUE))
    expect(await activate(order('a'), order('b'))).toMatchObject({
      accepted: 2,
    })
    expect(server.requests()).toBe(1)
  })

  test('a request says what its calls are, who sends them and when', async () => {
    const bodies: unknown[] = []
    server.answer((response, { body }) => {
      bodies.push(JSON.parse(body))
      response.end(JSON.stringify(TRUE))
    })
    await activate(order('a'))
    const call = { type: 'track', event: 'Order Completed', _metadata: expect.any(Object) }
    expect(bodies).toMatchObject([{ batch: [call], writeKey: 'key', sentAt: expect.any(String) }])
    const { sentAt } = Object(bodies[0])
    expect(Math.abs(Date.parse(String(sentAt)) - Date.now())).toBeLessThan(60_000)
  })

  test('so is the same with blanks', async () => {
    server.answer(says(200, '{ "success": true }\n', JSON_TYPE))
    expect(await activate(order('a'))).toMatchObject({ accepted: 1 })
  })

  test.each(LIES)(
    '%s accepts nothing, and the calls are sent again later',
    async (_lie, answer) => {
      server.answer(answer)
      await expect(activate(order('a'), order('b'))).rejects.toMatchObject({
        type: 'segment_unavailable',
        nonRetryable: false,
        message: expect.stringContaining('no call counts as taken'),
      })
      expect(server.requests()).toBe(1)
    },
  )

  test.each(OTHERS)('%s is not followed, and accepts nothing', async (_lie, answer) => {
    server.answer(answer)
    await expect(activate(order('a'))).rejects.toMatchObject({ type: 'segment_setup' })
    expect(server.requests()).toBe(1)
  })

  test.each([
    ['before its first byte', 0],
    ['in the middle of its answer', 1],
  ])('a connection that breaks %s accepts nothing', async (_when, written) => {
    server.answer((response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '16' })
      if (written === 0) response.socket?.destroy()
      else response.write('{"success":true', () => response.socket?.destroy())
    })
    await expect(activate(order('a'))).rejects.toMatchObject({
      type: 'segment_unavailable',
      nonRetryable: false,
    })
    expect(server.requests()).toBe(1)
  })

  test.each([
    ['seconds', '30', 30_000],
    ['more than the five minutes that the SDK waits at most', '1800', 1_800_000],
  ])('429 with Retry-After as %s is obeyed', async (_form, header, nextRetryDelay) => {
    server.answer((response) => response.writeHead(429, { 'retry-after': header }).end())
    const attempted = await activate(order('a')).catch((error: unknown) => error)
    const throttled = { type: 'segment_throttled', nonRetryable: false }
    expect(attempted).toMatchObject({ ...throttled, nextRetryDelay })
    expect(server.requests()).toBe(1)
  })

  test('429 with Retry-After as a date is obeyed', async () => {
    const before = Date.now()
    const until = new Date(before + 60_000).toUTCString()
    server.answer((response) => response.writeHead(429, { 'retry-after': until }).end())
    const attempted = await activate(order('a')).catch((error: unknown) => error)
    expect(attempted).toMatchObject({ type: 'segment_throttled', nonRetryable: false })
    const { nextRetryDelay } = z.object({ nextRetryDelay: z.number() }).parse(attempted)
    expect(nextRetryDelay).toBeLessThanOrEqual(Date.parse(until) - before + SECOND_MS)
    expect(nextRetryDelay).toBeGreaterThanOrEqual(Date.parse(until) - Date.now() - SECOND_MS)
    expect(server.requests()).toBe(1)
  })

  test('an answer without an end is read no further than there is reason to', async () => {
    let written = 0
    const closed = new Promise<void>((resolve) => {
      server.answer((response) => {
        response.writeHead(200, JSON_TYPE)
        const more = () => {
          if (response.destroyed) return
          written += PIECE.length
          if (response.write(PIECE)) setImmediate(more)
        }
        response.on('drain', more).on('close', resolve)
        more()
      })
    })
    await expect(activate(order('a'))).rejects.toMatchObject({ type: 'segment_unavailable' })
    await closed
    expect(written).toBeLessThan(16 * 1024 * 1024)
  })
})

/** Of a call, Segment’s library counts the bytes of characters like this one, and hardly any others. */
const TOO_LARGE_FOR_LIBRARY = 'é'.repeat(40_000)

const written = (reason: string): WrittenCall => {
  const call = {
    messageId: `test:${'0'.repeat(32)}:cancelled`,
    userId: reason,
    event: 'Order Cancelled',
    timestamp: '2026-11-19T19:32:00.000Z',
    properties: {
      order_id: 'dealer-7:A001',
      partner_id: 'dealer-7',
      partner_order_id: 'A001',
      partner_customer_id: 'C101',
      total: 45_000,
      ad_user_data_consent_state: 'GRANTED',
      ad_personalization_consent_state: 'GRANTED',
    },
    context: { consent: { categoryPreferences: { ad_user_data: true } } },
    integrations: { 'Google Ads Conversions': true },
  } as const
  return { call, json: JSON.stringify(call) }
}

test.each([
  ['has no call to send', [], 0, 'no request was made'],
  ['drops the only call', [TOO_LARGE_FOR_LIBRARY], 0, 'no request was made'],
  ['drops one call of two', [TOO_LARGE_FOR_LIBRARY, 'C101'], 1, 'dropped calls'],
])(
  'where Segment’s library %s, nothing counts as taken, and it says why',
  async (_, customers, requests, why) => {
    server.answer(says(200, TRUE))
    const told: unknown[] = []
    const segment = createSdkSegment({ host: server.url, writeKey: 'key' }, (service, error) =>
      told.push([service, error]),
    )
    const serviceError = await segment.deliver(customers.map(written))
    expect(serviceError).toEqual({ message: expect.stringContaining(why) })
    expect(told).toEqual([['Segment', serviceError]])
    expect(server.requests()).toBe(requests)
  },
)

test('Segment’s library is waited for until the time of its request is over, and not much longer', async () => {
  server.answer(says(200, TRUE))
  const close = jest.spyOn(Analytics.prototype, 'closeAndFlush')
  const segment = createSdkSegment({ host: server.url, writeKey: 'key' })
  expect(await segment.deliver([written('C101')])).toBeNull()
  const waits = close.mock.calls.map(([options]) => options?.timeout ?? 0)
  close.mockRestore()
  const REQUEST_MS = 10_000
  expect(waits).toHaveLength(1)
  expect(waits[0]).toBeGreaterThan(REQUEST_MS)
  expect(waits[0]).toBeLessThanOrEqual(2 * REQUEST_MS)
})
