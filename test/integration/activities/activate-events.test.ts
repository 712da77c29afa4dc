// Activation against the Segment stand-in: what Segment accepts, refuses and fails to answer.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createHttpSegment } from '#activation/segment/segment-http'
import { createSdkSegment } from '#activation/segment/segment-sdk'
import type { Activated } from '#contracts'
import { type PartnerSettings, STANDARD_PARTNER } from '#runtime/partners/settings'
import { stackDir } from '../../../deploy/local/paths.ts'
import { type SegmentStandIn, startSegmentStandIn } from '../../../deploy/local/segment/server.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { createActivation } from '../../support/activate.ts'
import { batchOf, metrics } from '../../support/activities.ts'
import { NOWHERE } from '../../support/ports.ts'

const dir = join(stackDir, 'test', randomUUID())
let segment: SegmentStandIn

beforeEach(async () => {
  segment = await startSegmentStandIn({ file: join(dir, 'calls.ndjson') })
})
afterEach(() => segment.close())
afterAll(() => rm(dir, { recursive: true, force: true }))

const address = () => ({ host: segment.url, writeKey: 'key' })

type Call = Readonly<Record<string, unknown>> & {
  readonly context: Readonly<Record<string, unknown>>
  readonly userId: string
  readonly event: string
  readonly messageId: string
  readonly duplicate?: true
}

const calls = (): Call[] =>
  readFileSync(segment.file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): Call => JSON.parse(line))
/** The partner's own number of the customer; the scope has a test of its own. */
const customerOf = ({ userId }: { readonly userId: string }) => userId.replace('dealer-7:', '')
const users = () => calls().map(customerOf)

const buyer = (customer_id: string, more: object = {}) =>
  message({ ...purchase, customer_id, order_id: customer_id, ...more })
const buyers = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, i) => buyer(`C${i}`, more))
/** Of purchases without identifiers. */
const UNUSABLE = { google_ads: 'excluded', google_ads_reason: 'no_usable_identifier' }

const activatedOf = (counts: Partial<Activated>): Activated => ({
  accepted: 0,
  notActivated: 0,
  waiting: 0,
  failed: [],
  ...counts,
})
const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** About 2 KB a call, so that some 200 of them fill a request. */
const large = { gclid: 'g'.repeat(1_000), vehicle: { vin: 'v'.repeat(250), make: 'm'.repeat(250) } }
/** More than one call may have: consent has as many categories as the partner likes. */
const tooLarge = {
  consent: Object.fromEntries(range(200).map((i) => [`${i}`.padEnd(200, 'c'), true])),
}

const ADAPTERS = { http: createHttpSegment, sdk: createSdkSegment }

describe.each(['http', 'sdk'] as const)('through the %s adapter', (adapter) => {
  const start = (to = address()) => createActivation(ADAPTERS[adapter](to))
  const activate = (batch: Uint8Array, skip: number[] = [], to = address()) =>
    start(to).activate(batch, skip)

  test('every staged purchase is one call in one request, and a cancellation is handed over', async () => {
    const batch = batchOf(buyer('C0'), message(cancellation), message('not json'), buyer('C3'))
    const { activate: run, handedOver, records } = start()
    expect(await run(batch, [2])).toEqual(activatedOf({ accepted: 2, waiting: 1 }))
    expect(calls().map((call) => [customerOf(call), call.event])).toEqual([
      ['C0', 'Order Completed'],
      ['C3', 'Order Completed'],
    ])
    expect(handedOver().map(({ index }) => index)).toEqual([1])
    expect(records()).toMatchObject([
      { outcome: 'accepted', ...UNUSABLE, call: 'Order Completed', value: '45000' },
      { outcome: 'accepted', ...UNUSABLE, call: 'Order Completed', value: '45000' },
    ])
    expect(segment.stats()).toMatchObject({ requests: 1, accepted: 2, duplicates: 0, dropped: 0 })
  })

  test('nothing to activate asks nothing of Segment', async () => {
    expect(await activate(batchOf(message('not json')), [0])).toEqual(activatedOf({}))
    expect(segment.stats().requests).toBe(0)
  })

  test('an event older than the advertising window is held back, and says so', async () => {
    const old = { timestamp: '2026-07-01T00:00:00Z' }
    const { activate: run, records } = start()
    expect(await run(batchOf(buyer('C0'), buyer('C1', old)))).toEqual(
      activatedOf({ accepted: 1, notActivated: 1 }),
    )
    const reason = 'outside_ads_window'
    expect(records()).toMatchObject([
      { outcome: 'accepted' },
      { outcome: 'not_activated', reason, google_ads: 'excluded', google_ads_reason: reason },
    ])
    expect(users()).toEqual(['C0'])
  })

  test('a call over 32 KB fails alone, without being sent', async () => {
    const batch = batchOf(buyer('C0'), buyer('C1', { ...tooLarge, partner_id: 'x' }), buyer('C2'))
    expect(await activate(batch)).toEqual(
      activatedOf({
        accepted: 2,
        failed: [{ index: 1, partnerId: 'x', reasons: ['call_too_large'] }],
      }),
    )
    expect(users()).toEqual(['C0', 'C2'])
    expect(segment.stats()).toMatchObject({ requests: 1, refused: {} })
  })

  test('many calls are cut into requests Segment takes, each sent exactly once', async () => {
    const count = 700
    await activate(batchOf(...buyers(count, large)))
    const { requests, accepted, duplicates, dropped, refused } = segment.stats()
    expect({ accepted, duplicates, dropped, refused }).toEqual({
      accepted: count,
      duplicates: 0,
      dropped: 0,
      refused: {},
    })
    expect(requests).toBeGreaterThan(1)
    expect(requests).toBeLessThan(8)
    expect(users()).toEqual(range(count).map((i) => `C${i}`))
  })

  test('more than 2,500 small calls are cut too, since Segment drops a longer request behind a 200', async () => {
    await activate(batchOf(...buyers(2_600)))
    expect(segment.stats()).toMatchObject({ accepted: 2_600, dropped: 0, refused: {} })
  })

  describe('where Segment refuses a request', () => {
    test.each([400, 413])(
      'with %i, the one bad call is found and all others go on, once',
      async (status) => {
        segment.fail({ status, match: '"C11"' })
        const batch = batchOf(...buyers(16))
        const others = range(16).filter((i) => i !== 11)
        expect(await activate(batch)).toEqual(
          activatedOf({
            accepted: 15,
            failed: [{ index: 11, partnerId: 'dealer-7', reasons: ['segment_refused'] }],
          }),
        )
        expect(users().toSorted()).toEqual(others.map((i) => `C${i}`).toSorted())
        // Sixteen, and twice each of eight, four, two and one.
        expect(segment.stats()).toMatchObject({ requests: 9, duplicates: 0 })
      },
    )

    test('for two bad calls, both are found', async () => {
      segment.fail({ status: 400, match: '"C0"' })
      segment.fail({ status: 400, match: '"C6"' })
      const { failed } = await activate(batchOf(...buyers(7)))
      expect(failed.map(({ index }) => index)).toEqual([0, 6])
      expect(users().toSorted()).toEqual(['C1', 'C2', 'C3', 'C4', 'C5'])
    })
  })

  describe('where Segment is unwell, the attempt makes one request and fails as', () => {
    test.each([
      [
        '429 with Retry-After',
        { status: 429, retryAfter: 7 },
        { type: 'segment_throttled', nextRetryDelay: 7_000 },
      ],
      [
        '429 without Retry-After',
        { status: 429 },
        { type: 'segment_throttled', nextRetryDelay: undefined },
      ],
      ['500', { status: 500 }, { type: 'segment_unavailable', nextRetryDelay: undefined }],
      ['503', { status: 503 }, { type: 'segment_unavailable', nextRetryDelay: undefined }],
      ['401', { status: 401 }, { type: 'segment_setup', nextRetryDelay: 60_000 }],
      ['404', { status: 404 }, { type: 'segment_setup', nextRetryDelay: 60_000 }],
      ['a reset', { reset: true }, { type: 'segment_unavailable', nextRetryDelay: undefined }],
    ])('%s', async (_, fault, expected) => {
      segment.fail(fault)
      const batch = batchOf(...buyers(3))
      await expect(activate(batch)).rejects.toMatchObject({ ...expected, nonRetryable: false })
      expect(segment.stats()).toMatchObject({ requests: 1, accepted: 0 })
    })

    test('a time-out', async () => {
      segment.fail({ hang: true })
      await expect(activate(batchOf(...buyers(3)))).rejects.toMatchObject({
        type: 'segment_unavailable',
        nonRetryable: false,
        message: expect.stringContaining('no answer'),
      })
      expect(segment.stats()).toMatchObject({ requests: 1, accepted: 0 })
    })

    test('nobody there', async () => {
      const to = { host: `http://${NOWHERE}`, writeKey: 'key' }
      await expect(activate(batchOf(buyer('C0')), [], to)).rejects.toMatchObject({
        type: 'segment_unavailable',
        nonRetryable: false,
        message: expect.stringContaining('ECONNREFUSED'),
      })
    })
  })

  test('calls whose answer was lost are sent again under the same ids, which Segment drops', async () => {
    segment.fail({ reset: true, accept: true, times: 1 })
    const batch = batchOf(...buyers(3))
    const { activate: run } = start()
    await expect(run(batch)).rejects.toMatchObject({ type: 'segment_unavailable' })
    await run(batch)
    expect(calls().map((call) => [customerOf(call), call.duplicate ?? false])).toEqual([
      ['C0', false],
      ['C1', false],
      ['C2', false],
      ['C0', true],
      ['C1', true],
      ['C2', true],
    ])
  })

  test('a retry sends only what is not recorded as accepted, and forgets no refused call', async () => {
    segment.fail({ status: 400, match: '"C3"' })
    segment.fail({ status: 503, match: '"C650"', times: 1 })
    const batch = batchOf(...buyers(700, large))
    const { activate: run, records } = start()
    await expect(run(batch)).rejects.toMatchObject({ type: 'segment_unavailable' })
    const before = users().length
    expect(before).toBeGreaterThan(0)
    const activated = await run(batch)
    expect(activated).toMatchObject({ accepted: 699 })
    expect(activated.failed).toEqual([
      { index: 3, partnerId: 'dealer-7', reasons: ['segment_refused'] },
    ])
    expect(users()).toHaveLength(699)
    expect(new Set(users()).size).toBe(699)
    expect(segment.stats()).toMatchObject({ duplicates: 0 })
    const accepted = records().filter(({ outcome }) => outcome === 'accepted')
    expect(accepted).toHaveLength(699)
  })

  test('a Segment that takes none of many calls is at fault itself: nothing is given up', async () => {
    segment.fail({ status: 400 })
    await expect(activate(batchOf(...buyers(12)))).rejects.toMatchObject({
      type: 'segment_setup',
      nonRetryable: false,
    })
  })
})

test('both adapters send the same calls, but for what each says of itself', async () => {
  const batch = batchOf(buyer('C0', { gclid: 'click' }), buyer('C1', { email: 'jane@example.com' }))
  const sent = []
  for (const create of Object.values(ADAPTERS)) {
    await createActivation(create(address())).activate(batch)
    sent.push(
      calls()
        .slice(-2)
        .map(({ context, _metadata: _own, receivedAt: _at, duplicate: _again, ...rest }) => ({
          ...rest,
          consent: context['consent'],
        })),
    )
  }
  expect(sent[0]).toEqual(sent[1])
})

test('what was left out, and why an event is not meant for Google Ads, goes along with its outcome', async () => {
  const consent = { ad_user_data: true, ad_personalization: true }
  const batch = batchOf(
    buyer('C0', { consent, phone: '0151 23456789', gclid: 'null' }),
    buyer('C1', { consent, phone: '0151 23456789', partner_id: 'german' }),
    buyer('C2', { email: 'jane@example.com' }),
  )
  const of = (id: string): PartnerSettings =>
    id === 'german' ? { ...STANDARD_PARTNER, country: 'DE' } : STANDARD_PARTNER
  const rules = { namespace: 'test', partners: { of, has: (id: string) => id === 'german' } }
  const counted: unknown[] = []
  const add = (...count: unknown[]) => void counted.push(count)
  const identifiersOmitted = { ...metrics.identifiersOmitted, add }
  const { activate, records } = createActivation(createHttpSegment(address()), {
    rules,
    metrics: { ...metrics, identifiersOmitted },
  })
  await activate(batch)
  expect(records()).toMatchObject([
    {
      google_ads_reason: 'no_usable_identifier',
      omitted_identifiers: ['gclid_placeholder', 'phone_country_unknown'],
    },
    { google_ads: 'intended', google_ads_reason: null, omitted_identifiers: [] },
    { google_ads_reason: 'consent_denied' },
  ])
  expect(counted).toEqual([
    [1, { identifier: 'gclid', reason: 'placeholder' }],
    [1, { identifier: 'phone', reason: 'country_unknown' }],
  ])
})
