// Every call against Segment's Google Ads destination: its mapping, the traps of its normalisation, and what Google refuses.

import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { CallDecision, CallRules, ToldOrder } from '#activation/calls/call'
import { cancelledCall } from '#activation/calls/cancelled'
import { completedCall } from '#activation/calls/completed'
import { planViolation } from '#activation/calls/plan-violation'
import { updatedCall } from '#activation/calls/updated'
import { readEvent } from '#contracts'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { acceptedEvent } from '../../support/accepted-event.ts'
import {
  convertTimestamp,
  hashedEmail,
  hashedPhone,
  isForwarded,
  MAPPING,
  pathsOf,
  refusalsOf,
  subscriptionsOf,
  uploadOf,
  valueAt,
} from '../../support/google-ads-destination.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const GRANTED = { ad_user_data: true, ad_personalization: true }
const RULES: CallRules = { namespace: 'test', partner: STANDARD_PARTNER }

const bought = (more: object = {}, rules = RULES) =>
  completedCall([acceptedEvent({ ...purchase, currency: 'EUR', consent: GRANTED, ...more })], rules)

const told = ({ call, value, currency, excluded, clickId }: CallDecision): ToldOrder => ({
  customerId: 'C101',
  value,
  currency,
  toldAt: call.timestamp,
  googleAds: excluded === null ? 'intended' : 'excluded',
  clickId,
})

const whole = { ...cancellation, order_id: 'A001', customer_id: 'C101' }
/** What a partner should not send with a cancellation, and sends. */
const IDENTIFIED = {
  email: 'jane@example.com',
  phone: '+4915112345678',
  gclid: 'Cj0abc',
  vehicle: { vin: 'WVWZZZ1KZAW000001' },
}
const LATER = '2026-11-20T09:00:00Z'

const cancelled = (order: ToldOrder, more: object = {}) =>
  cancelledCall(acceptedEvent({ ...whole, timestamp: LATER, ...IDENTIFIED, ...more }), order, RULES)
const reduced = (order: ToldOrder, remaining: string, more: object = {}) =>
  updatedCall(
    acceptedEvent({ ...whole, amount: 500, timestamp: LATER, ...IDENTIFIED, ...more }),
    order,
    remaining,
    LATER,
    RULES,
  )
const corrected = (order: ToldOrder, remaining: string) =>
  updatedCall(
    acceptedEvent({ ...purchase, ...IDENTIFIED, amount: 44_000 }),
    order,
    remaining,
    LATER,
    RULES,
  )

describe('the traps that the calls avoid are there', () => {
  test('a telephone number in clear is taken for one of the United States', () => {
    expect(hashedPhone('+447911123456')).toBe(sha256('+1447911123456'))
  })
  test('a Gmail address in clear loses its first dot only', () => {
    expect(hashedEmail('J.o.h.n@gmail.com')).toBe(sha256('jo.h.n@gmail.com'))
  })
  test('a fraction in front of an offset stays, and is no time of Google', () => {
    expect(convertTimestamp('2026-11-19T19:32:00.123+02:00')).toContain('.123')
  })
  test('a call without consent is forwarded', () => {
    const call = { ...bought().call, context: {}, integrations: { 'Google Ads Conversions': true } }
    expect(isForwarded(call, ['ad_user_data'])).toBe(true)
  })
})

test.each([
  ['+44 7911 123456', '+447911123456'],
  ['+49 (0)151 2345 6789', '+4915123456789'],
  ['+33 6 12 34 56 78', '+33612345678'],
  ['+39 06 6981 2345', '+390669812345'],
  ['+34 612 34 56 78', '+34612345678'],
  ['+31 6 12345678', '+31612345678'],
  ['+48 512 345 678', '+48512345678'],
  ['+81 90-1234-5678', '+819012345678'],
  ['+55 11 91234-5678', '+5511912345678'],
  ['+1 (650) 253-0000', '+16502530000'],
])('the telephone number %s arrives at Google as the hash of %s', (phone, e164) => {
  const upload = uploadOf(bought({ phone }).call)
  expect(upload['phone_number']).toBe(sha256(e164))
  expect(refusalsOf(upload)).toEqual([])
})

test.each([
  ['J.o.h.n.Doe@gmail.com', 'johndoe@gmail.com'],
  ['john.doe+cars@googlemail.com', 'johndoe@googlemail.com'],
  [' JOHNDOE@GMAIL.COM ', 'johndoe@gmail.com'],
  ['John.Doe+cars@example.com', 'john.doe+cars@example.com'],
])('the e-mail address %s arrives at Google as the hash of %s', (email, normalised) => {
  const { call } = bought({ email })
  expect(uploadOf(call)['email_address']).toBe(sha256(normalised))
  expect(call.context).toMatchObject({ traits: { email: sha256(normalised) } })
})

const CLICKS = ['gclid', 'gbraid', 'wbraid'] as const
const subsets = CLICKS.map((_, i) => i).reduce<number[][]>(
  (all, i) => [...all, ...all.map((one) => [...one, i])],
  [[]],
)

test.each(subsets.flatMap((clicks) => [true, false].map((contact) => ({ clicks, contact }))))(
  'of the click ids %j at most one is sent, and without any identifier the order is not meant for Google Ads',
  ({ clicks, contact }) => {
    const ids = Object.fromEntries(clicks.map((i) => [CLICKS[i], `Click${i}`]))
    const decision = bought({ ...ids, ...(contact && { email: 'jane@example.com' }) })
    const first = clicks[0] === undefined ? null : CLICKS[clicks[0]]
    const isUsable = first !== null || contact
    expect(decision.clickId).toBe(first)
    expect(decision.excluded).toBe(isUsable ? null : 'no_usable_identifier')
    expect(isForwarded(decision.call, [])).toBe(isUsable)
    expect(refusalsOf(uploadOf(decision.call))).toEqual(isUsable ? [] : ['NO_IDENTIFIER'])
  },
)

const SAID = [true, false, undefined]
const CONSENTS = SAID.flatMap((data) => SAID.map((ads) => [data, ads] as const))

describe.each(CONSENTS)('consent to user data is %s, and to personalization %s', (data, ads) => {
  const consent = { ad_user_data: data, ad_personalization: ads }
  const isGranted = data === true && ads === true
  const decision = bought({ gclid: 'Cj0abc', consent })

  test('the call says so, and is meant for Google Ads only where both are granted', () => {
    expect(decision.call.context.consent.categoryPreferences).toEqual({
      ad_user_data: data === true,
      ad_personalization: ads === true,
    })
    expect(decision.excluded).toBe(isGranted ? null : 'consent_denied')
    expect(isForwarded(decision.call, Object.keys(consent))).toBe(isGranted)
    expect(refusalsOf(uploadOf(decision.call))).toEqual(isGranted ? [] : ['CONSENT_DENIED'])
  })

  test('its adjustments are forwarded exactly where the conversion was', () => {
    const order = told(decision)
    for (const { call, excluded } of [cancelled(order), reduced(order, '44500')]) {
      expect(excluded).toBe(isGranted ? null : 'order_excluded')
      expect(isForwarded(call, Object.keys(consent))).toBe(isGranted)
    }
  })
})

test('a cancellation that itself denies consent says so', () => {
  const { call } = cancelled(told(bought({ gclid: 'Cj0abc' })), { consent: {} })
  expect(call.context.consent.categoryPreferences).toEqual({
    ad_user_data: false,
    ad_personalization: false,
  })
})

describe('the ids of the workspace stand in place of our categories', () => {
  const partner = (ids: CallRules['partner']['activation']['consentCategories']) => ({
    ...STANDARD_PARTNER,
    activation: { ...STANDARD_PARTNER.activation, consentCategories: ids },
  })
  test.each([
    [{ ad_user_data: ['C4'] }, GRANTED, { C4: true, ad_personalization: true }],
    [
      { ad_user_data: ['C4'], ad_personalization: ['C4', 'C5'] },
      { ad_user_data: false, ad_personalization: true },
      { C4: false, C5: true },
    ],
    [
      { ad_user_data: ['C4'], ad_personalization: ['C5'] },
      { ad_user_data: false, ad_personalization: true, C4: true },
      { C4: false, C5: true },
    ],
    [
      { ad_user_data: ['C4'], ad_personalization: ['C5'] },
      { ...GRANTED, C4: false, analytics: true },
      { C4: false, C5: true, analytics: true },
    ],
    [
      { ad_user_data: ['ad_personalization'], ad_personalization: ['ad_user_data'] },
      { ad_user_data: true, ad_personalization: false },
      { ad_personalization: true, ad_user_data: false },
    ],
  ])('%j with %j', (ids, consent, expected) => {
    const rules = { namespace: 'test', partner: partner(ids) }
    const { call } = bought({ gclid: 'Cj0abc', consent }, rules)
    expect(call.context.consent.categoryPreferences).toEqual(expected)
    expect(planViolation(call)).toBeNull()
  })
})

test.each(CLICKS)('a life of an order that was attributed by a %s is legal for Google', (click) => {
  const first = bought({ [click]: 'Click1', email: 'jane@example.com' })
  const { googleAds } = told(first)
  const second = corrected(told(first), '44000')
  const third = reduced({ ...told(second), googleAds }, '43500')
  const last = cancelled({ ...told(third), googleAds })
  const life = [first, second, third, last]
  expect(life.map(({ call }) => call.event)).toEqual([
    'Order Completed',
    'Order Updated',
    'Order Updated',
    'Order Cancelled',
  ])
  expect(life.map(({ value }) => value)).toEqual(['45000', '44000', '43500', '0'])
  expect(new Set(life.map(({ call }) => call.messageId)).size).toBe(life.length)
  expect(new Set(life.map(({ call }) => uploadOf(call)['order_id']))).toEqual(
    new Set(['dealer-7:A001']),
  )
  const times = life.map(({ call }) =>
    String(
      uploadOf(call)[
        call.event === 'Order Completed' ? 'conversion_timestamp' : 'adjustment_timestamp'
      ],
    ),
  )
  for (let i = 1; i < times.length; i++) expect(String(times[i]) > String(times[i - 1])).toBe(true)
  for (const { call } of life) expect(refusalsOf(uploadOf(call))).toEqual([])
  const why = click === 'wbraid' ? 'wbraid_not_adjustable' : null
  expect(life.map(({ excluded }) => excluded)).toEqual([null, why, why, why])
})

test.each([
  ['before the conversion', '2026-11-19T19:31:59Z', '2026-11-19T19:32:01.000Z'],
  ['at the same time', '2026-11-19T19:32:00Z', '2026-11-19T19:32:01.000Z'],
  ['in the same second', '2026-11-19T19:32:00.999Z', '2026-11-19T19:32:01.000Z'],
  ['later', '2026-11-19T19:32:07.5Z', '2026-11-19T19:32:07.500Z'],
])(
  'a cancellation %s is later than the conversion by a second of Google',
  (_when, timestamp, at) => {
    const order = told(bought({ gclid: 'Cj0abc' }))
    expect(cancelled(order, { timestamp }).call.timestamp).toBe(at)
    expect(reduced(order, '1', { timestamp }).call.timestamp).toBe(at)
  },
)

test('microseconds of the call before count', () => {
  const order = { ...told(bought()), toldAt: '2026-11-19T19:32:00.000001Z' }
  const { call } = cancelled(order, { timestamp: '2026-11-19T19:32:01Z' })
  expect(call.timestamp).toBe('2026-11-19T19:32:01.001Z')
})

test('a correction is as late as it was published', () => {
  const order = told(bought({ gclid: 'Cj0abc' }))
  expect(corrected(order, '44000').call.timestamp).toBe('2026-11-20T09:00:00.000Z')
})

test.each([
  ['refund', 'Order Refunded'],
  [' Money-Back ', 'Order Refunded'],
  ['RETURNED.', 'Order Refunded'],
  ['money back', 'Order Refunded'],
  ['»Money -\u00a0back!«', 'Order Refunded'],
  ['money back 2', 'Order Cancelled'],
  ['moneyback', 'Order Cancelled'],
  ['payment_failed', 'Order Cancelled'],
  ['no refund', 'Order Cancelled'],
  ['re funded', 'Order Cancelled'],
])('a cancellation for %j is an %s', (reason, event) => {
  const order = told(bought({ gclid: 'Cj0abc' }))
  const { call } = cancelled(order, { reason })
  expect(call.event).toBe(event)
  expect(uploadOf(call)).toMatchObject({ adjustment_type: 'RETRACTION' })
  expect(refusalsOf(uploadOf(call))).toEqual([])
})

test('three cars of one order are one conversion of their exact sum', () => {
  const cars = ['0.1', '0.2', '12345678901234567890.000000001'].map((amount, i) =>
    acceptedEvent({
      ...purchase,
      currency: 'EUR',
      consent: GRANTED,
      gclid: 'Cj0abc',
      event_id: `${i}`,
      amount: Number(amount),
      car_model: `Car ${i}`,
    }),
  )
  const [first, second, third] = cars
  if (!first || !second || !third) throw new Error('three cars')
  const exact = { ...third, amount: '12345678901234567890.000000001' }
  const decision = completedCall([first, second, exact], RULES)
  expect(decision.value).toBe('12345678901234567890.300000001')
  expect(completedCall([first, second], RULES).call.properties.total).toBe(0.3)
  expect(decision.call.properties.products).toHaveLength(3)
  expect(planViolation(decision.call)).toBeNull()
})

test('consent must be granted for every car, and one currency', () => {
  const car = (more: object) =>
    acceptedEvent({ ...purchase, currency: 'EUR', consent: GRANTED, gclid: 'Cj0abc', ...more })
  const withOne = (more: object) => completedCall([car({}), car({ event_id: 'e', ...more })], RULES)
  expect(withOne({}).excluded).toBeNull()
  expect(withOne({ consent: { ad_user_data: true } }).excluded).toBe('consent_denied')
  expect(withOne({ consent: { ad_user_data: true } }).call.context.consent).toEqual({
    categoryPreferences: { ad_user_data: true, ad_personalization: false },
  })
  expect(withOne({ currency: 'USD' })).toMatchObject({
    excluded: 'currencies_differ',
    value: '45000',
    currency: 'EUR',
  })
})

test.each(['jane@example.com', '+49 151 12345678'])(
  'an order or a customer that is numbered %s leaves for Segment as a digest',
  (id) => {
    const order = bought({ order_id: id, customer_id: id, gclid: 'Cj0abc' })
    for (const { call } of [
      order,
      cancelled({ ...told(order), customerId: id }, { order_id: id }),
    ]) {
      expect(JSON.stringify(call)).not.toMatch(/jane|151/)
      expect(call.properties.order_id).toMatch(/^dealer-7:hidden-[0-9a-f]{32}$/)
    }
  },
)

/** Of each call, with everything that a partner may send, and with nothing that is optional. */
const full = ['gclid', 'gbraid', 'wbraid'].map((click) =>
  bought({
    email: 'jane@example.com',
    phone: '+4915112345678',
    [click]: 'Click1',
    vehicle: { vin: 'V1', make: 'M', model: 'N' },
  }),
)
const bare = completedCall([acceptedEvent(purchase)], RULES)
const ORDERS = [...full, bare].map(told)
const EMITTED = [
  ...full,
  bare,
  ...ORDERS.flatMap((order) => [
    corrected(order, '1'),
    reduced(order, '1'),
    cancelled(order),
    cancelled(order, { reason: 'refund' }),
  ]),
].map(({ call }) => call)

const PRESENT: readonly string[] = [
  'conversion_timestamp',
  'adjustment_timestamp',
  'order_id',
  'value',
  'restatement_value',
  'ad_user_data_consent_state',
  'ad_personalization_consent_state',
]

describe('the mapping that is shipped', () => {
  test('it is of the destination that the calls name', () => {
    for (const { integrations } of EMITTED)
      expect(integrations).toHaveProperty([MAPPING.destination])
    expect(MAPPING.slug).toBe('actions-google-enhanced-conversions')
  })

  test('each call has exactly one subscription, and each subscription has calls', () => {
    for (const call of EMITTED) expect(subscriptionsOf(call)).toHaveLength(1)
    expect(new Set(EMITTED.flatMap(subscriptionsOf))).toEqual(new Set(MAPPING.subscriptions))
  })

  test.each(MAPPING.subscriptions.map((one) => [one.name, one] as const))(
    'every path of %s resolves: some on every call, and every one on some call',
    (_name, subscription) => {
      const calls = EMITTED.filter((call) => subscriptionsOf(call).includes(subscription))
      for (const [field, path] of pathsOf(subscription)) {
        const values = calls.map((call) => valueAt(call, path))
        expect([field, values.some((value) => value !== undefined)]).toEqual([field, true])
        const isAlways = values.every((value) => value !== undefined)
        expect([field, isAlways || !PRESENT.includes(field)]).toEqual([field, true])
      }
    },
  )

  test('nothing is batched, and what must be cleared is cleared', () => {
    for (const { action, mapping } of MAPPING.subscriptions) {
      expect(mapping).not.toHaveProperty('enable_batching')
      const cleared =
        action === 'uploadClickConversion2'
          ? ['user_ip_address', 'session_attributes_encoded', 'session_attributes_key_value_pairs']
          : [
              'email_address',
              'phone_number',
              'first_name',
              'user_agent',
              'gclid',
              'conversion_timestamp',
            ]
      for (const field of cleared) expect(mapping).toHaveProperty([field], null)
    }
  })

  test.each([
    '$.context.ip',
    '$.context.userAgent',
    '$.context.page',
    '$.properties.gad_source',
    '$.properties.gad_campaignid',
    '$.properties.session_start_time_usec',
    '$.properties.orderId',
  ])('even by its defaults, the destination finds nothing at %s', (path) => {
    expect(EMITTED.map((call) => valueAt(call, path))).toEqual(EMITTED.map(() => undefined))
  })

  test.each(['email', 'phone', 'firstName', 'lastName', 'address', 'gclid', 'gbraid', 'wbraid'])(
    'even by its defaults, an adjustment has no %s',
    (field) => {
      const adjustments = EMITTED.filter(({ event }) => event !== 'Order Completed')
      for (const call of adjustments) {
        expect(valueAt(call, `$.properties.${field}`)).toBeUndefined()
        expect(valueAt(call, '$.context.traits')).toBeUndefined()
        expect(JSON.stringify(call)).not.toMatch(/jane|15112345678|Cj0abc|WVWZZZ|[0-9a-f]{64}/)
      }
    },
  )
})

describe('the tracking plan', () => {
  test('every call keeps it', () => {
    expect(EMITTED.map(planViolation)).toEqual(EMITTED.map(() => null))
  })

  test('whatever accepted events hold, their calls keep it', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((t) => `x${t}`)
    const optional = fc.option(text, { nil: undefined })
    const event = fc.record({
      order_id: text,
      customer_id: text,
      partner_id: text,
      car_model: text,
      amount: fc.double({ min: 1e-9, max: 1e15, noNaN: true }).map((n) => Number(n.toFixed(2)) + 1),
      email: optional,
      phone: optional,
      gclid: optional,
      gbraid: optional,
      consent: fc.dictionary(text, fc.boolean(), { maxKeys: 4 }),
      vehicle: fc.record({ vin: optional, make: optional, model: optional }),
    })
    fc.assert(
      fc.property(event, (sent) => {
        const reading = readEvent(message({ ...purchase, ...sent }))
        fc.pre(reading.accepted)
        if (!reading.accepted) return
        const first = completedCall([reading.event], RULES)
        const order = told(first)
        const second = updatedCall(reading.event, order, '0.000000001', LATER, RULES)
        const third = cancelledCall(
          { ...reading.event, type: 'cancellation', reason: 'x' },
          order,
          RULES,
        )
        expect([first, second, third].map(({ call }) => planViolation(call))).toEqual([
          null,
          null,
          null,
        ])
        expect(first.call.messageId.length).toBeLessThanOrEqual(100)
      }),
      { numRuns: 300 },
    )
  })

  const { call } = full[0] ?? bare
  const retraction = cancelled(told(full[0] ?? bare)).call
  test.each<[string, object, string]>([
    [
      'an address in clear',
      { ...call, properties: { ...call.properties, email: 'jane@example.com' } },
      'properties.email invalid_format',
    ],
    [
      'two click ids',
      { ...call, properties: { ...call.properties, gbraid: 'B1' } },
      'properties custom',
    ],
    [
      'a field more',
      { ...call, properties: { ...call.properties, notes: 'x' } },
      'properties unrecognized_keys',
    ],
    [
      'an IP address',
      { ...call, context: { ...call.context, ip: '1.2.3.4' } },
      'context unrecognized_keys',
    ],
    ['no consent', { ...call, context: {} }, 'context.consent invalid_type'],
    [
      'consent to nothing',
      { ...call, context: { consent: { categoryPreferences: {} } } },
      'context.consent.categoryPreferences custom',
    ],
    [
      'a consent that is no boolean',
      { ...call, context: { consent: { categoryPreferences: { 'jane@example.com': 'yes' } } } },
      'context.consent.categoryPreferences invalid_type',
    ],
    [
      'another offset',
      { ...call, timestamp: '2026-11-19T19:32:00.000+01:00' },
      'timestamp invalid_format',
    ],
    ['another name', { ...call, event: 'Order Shipped' }, 'event invalid_union'],
    [
      'no total',
      { ...call, properties: { ...call.properties, total: undefined } },
      'properties.total invalid_type',
    ],
    [
      'an identifier in a retraction',
      { ...retraction, context: { ...retraction.context, traits: {} } },
      'context unrecognized_keys',
    ],
    [
      'a click id in a retraction',
      { ...retraction, properties: { ...retraction.properties, gclid: 'G1' } },
      'properties unrecognized_keys',
    ],
    ["another call's id", { ...retraction, messageId: call.messageId }, 'messageId invalid_format'],
  ])('%s breaks it, and the violation names no value', (_what, broken, violation) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is no call is what the check is for
    expect(planViolation(broken as typeof call)).toBe(violation)
  })

  const withId = (messageId: string) => [
    planViolation({ ...call, messageId }),
    planViolation({ ...retraction, messageId }),
  ]
  const HEX = '0a'.repeat(16)
  const BAD = 'messageId invalid_format'

  test.each([
    ['one character', 'n'],
    ['32 characters', 'a.b-9'.repeat(7).slice(0, 32)],
  ])('a message id may begin with a namespace of %s', (_, namespace) => {
    expect(withId(`${namespace}:${HEX}:completed`)).toEqual([null, BAD])
    expect(withId(`${namespace}:${HEX}:cancelled`)).toEqual([BAD, null])
    const updated = { ...retraction, event: 'Order Updated' } as const
    expect(planViolation({ ...updated, messageId: `${namespace}:${HEX}:updated` })).toBeNull()
    expect(planViolation({ ...updated, messageId: `${namespace}:${HEX}:completed` })).toBe(BAD)
  })

  test.each([
    ['no namespace', `:${HEX}`],
    ['a namespace of 33 characters', `${'n'.repeat(33)}:${HEX}`],
    ['capitals', `Test:${HEX}`],
    ['something before its namespace', `x:test:${HEX}`],
    ['a digest of 31 digits', `test:${HEX.slice(1)}`],
    ['a digest of 33 digits', `test:${HEX}0`],
  ])('a message id with %s breaks it', (_, begin) => {
    expect(withId(`${begin}:completed`)).toEqual([BAD, BAD])
    expect(withId(`${begin}:cancelled`)).toEqual([BAD, BAD])
    const updated = { ...retraction, event: 'Order Updated' } as const
    expect(planViolation({ ...updated, messageId: `${begin}:updated` })).toBe(BAD)
  })

  test('nothing may follow the message id', () => {
    expect(withId(`test:${HEX}:completedx`)).toEqual([BAD, BAD])
    expect(withId(`test:${HEX}:cancelledx`)).toEqual([BAD, BAD])
    const updated = { ...retraction, event: 'Order Updated' } as const
    expect(planViolation({ ...updated, messageId: `test:${HEX}:updatedx` })).toBe(BAD)
  })

  test.each([
    ['without milliseconds', '2026-11-19T19:32:00Z'],
    ['with microseconds', '2026-11-19T19:32:00.000000Z'],
    ['with an offset', '2026-11-19T19:32:00.000+01:00'],
  ])('a timestamp %s breaks it', (_, timestamp) => {
    expect(planViolation({ ...call, timestamp })).toBe('timestamp invalid_format')
  })

  test.each([
    ['gclid', 'gbraid'],
    ['gclid', 'wbraid'],
    ['gbraid', 'wbraid'],
  ] as const)('%s and %s together break it', (one, other) => {
    const { call: plain } = bought()
    const withIds = (...names: readonly string[]) => {
      const ids = Object.fromEntries(names.map((name) => [name, 'Cj0abc']))
      const identified = { ...plain, properties: { ...plain.properties, ...ids } }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the properties are those of the same call
      return planViolation(identified as typeof plain)
    }
    expect([withIds(), withIds(one), withIds(other)]).toEqual([null, null, null])
    expect(withIds(one, other)).toBe('properties custom')
  })
})
