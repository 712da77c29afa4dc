// Segment's limits by bytes, as the stand-in counts them: of what an adapter really sends, whatever the text is made of.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { z } from 'zod'
import { CALL_OVERHEAD_BYTES } from '#activation/segment/segment'
import { createHttpSegment } from '#activation/segment/segment-http'
import { createSdkSegment } from '#activation/segment/segment-sdk'
import { message, purchase } from '../../fixtures/messages.ts'
import { createActivation } from '../../support/activate.ts'
import { batchOf } from '../../support/activities.ts'
import { type AnsweringServer, startAnsweringServer } from '../../support/answering-server.ts'

const MAX_REQUEST_BYTES = 500 * 1024
const MAX_EVENT_BYTES = 32 * 1024
const MAX_EVENTS = 2_500

type Sent = { readonly bytes: number; readonly events: readonly string[] }

const bodySchema = z.object({ batch: z.array(z.record(z.string(), z.unknown())) })

let server: AnsweringServer
let requests: Sent[] = []

beforeAll(async () => {
  server = await startAnsweringServer()
  server.answer((response, { body }) => {
    const { batch } = bodySchema.parse(JSON.parse(body))
    requests.push({
      bytes: Buffer.byteLength(body),
      events: batch.map((event) => JSON.stringify(event)),
    })
    response.end('{"success":true}')
  })
})
beforeEach(() => {
  requests = []
})
afterAll(() => server.close())

/** One to four bytes a character, and escapes. */
const wide = fc.constantFrom('a', 'i', '"', '\\', '\u0001', 'é', 'ß', '漢', '🚗', '%')
const word = fc.tuple(wide, fc.nat({ max: 240 })).map(([unit, length]) => unit.repeat(length))
const categories = fc.integer({ min: 0, max: 130 })

const event = fc.record({ word, categories }).map(({ word: part, categories: count }) => ({
  ...purchase,
  car_model: `model ${part}`,
  vehicle: { vin: `v${part}`, make: `m${part}`, model: `n${part}` },
  consent: Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i} ${part}`, true])),
}))

const ADAPTERS = [
  ['http', createHttpSegment],
  ['sdk', createSdkSegment],
] as const

describe.each(ADAPTERS)('through the %s adapter', (_name, create) => {
  const activate = (events: readonly object[]) => {
    const segment = create({ host: server.url, writeKey: 'key' })
    const messages = events.map((data, i) => message({ ...data, order_id: `A${i}` }))
    return createActivation(segment).activate(batchOf(...messages))
  }

  test('no request and no event is larger than Segment takes, and every event is sent or too large', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 150 }), async (events) => {
        requests = []
        const { failed } = await activate(events)
        for (const { bytes, events: sent } of requests) {
          expect(bytes).toBeLessThanOrEqual(MAX_REQUEST_BYTES)
          expect(sent.length).toBeLessThanOrEqual(MAX_EVENTS)
          for (const json of sent)
            expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_EVENT_BYTES)
        }
        expect(failed.every(({ reasons }) => reasons[0] === 'call_too_large')).toBe(true)
        const count = requests.reduce((sum, { events: sent }) => sum + sent.length, 0)
        expect(count + failed.length).toBe(events.length)
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  test('an event is larger than its call by less than was left room for', async () => {
    const segment = create({ host: server.url, writeKey: 'key' })
    const call = {
      messageId: `test:${'0'.repeat(32)}:cancelled`,
      userId: 'dealer-7:C101',
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
    const json = JSON.stringify(call)
    expect(await segment.deliver([{ call, json }])).toBeNull()
    const [sent = ''] = requests[0]?.events ?? []
    const overhead = Buffer.byteLength(sent) - Buffer.byteLength(json)
    expect(overhead).toBeGreaterThan(0)
    expect(overhead).toBeLessThanOrEqual(CALL_OVERHEAD_BYTES)
  })
})
