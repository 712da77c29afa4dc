// The contract by tables: each rule with its own reason code, and any bytes whatever.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type ParseResult, REASONS, readEvent } from '#contracts'
import { BREAKS } from '../../../../deploy/local/events/invalid-events.ts'
import { cancellation, message, purchase } from '../../../fixtures/messages.ts'

const reasons = (reading: ParseResult) =>
  reading.accepted ? [] : reading.violations.map(({ reason }) => reason)

const event = (reading: ParseResult) => {
  if (!reading.accepted) throw new Error(`rejected: ${reasons(reading).join(', ')}`)
  return reading.event
}

describe('an accepted event', () => {
  test('has the columns of its staging row', () => {
    expect(event(readEvent(message(purchase)))).toEqual({
      type: 'purchase',
      event_id: expect.stringMatching(/^derived-[0-9a-f]{32}$/),
      content_hash: expect.stringMatching(/^[0-9a-f]{32}$/),
      partner_id: 'dealer-7',
      order_id: 'A001',
      customer_id: 'C101',
      car_model: 'SUV',
      amount: '45000',
      partial: null,
      reason: null,
      currency: null,
      timestamp: '2026-11-19T19:32:00.000000Z',
      email: null,
      phone: null,
      gclid: null,
      gbraid: null,
      wbraid: null,
      consent: null,
      vehicle_vin: null,
      vehicle_make: null,
      vehicle_model: null,
      vehicle_year: null,
      schema_version: null,
      additional_properties: null,
    })
  })

  test("is read from the partners' real form", () => {
    const lines = readFileSync('test/fixtures/sample-events.ndjson', 'utf8').trim().split('\n')
    const events = lines.map((line) => event(readEvent(message(line, { attributes: {} }))))
    expect(
      events.map(({ type, order_id, amount, reason }) => [type, order_id, amount ?? reason]),
    ).toEqual([
      ['purchase', 'A001', '45000'],
      ['purchase', 'A002', '32000.5'],
      ['cancellation', 'A003', 'payment_failed'],
      ['purchase', 'A004', '78000'],
      ['cancellation', 'A005', 'customer_changed_mind'],
    ])
    expect(new Set(events.map(({ partner_id }) => partner_id))).toEqual(new Set(['unknown']))
  })

  test('keeps the partner the event names over the one the message names', () => {
    const named = message({ ...purchase, partner_id: 'own' })
    expect(event(readEvent(named)).partner_id).toBe('own')
  })

  test('keeps fields the contract does not name, nested ones too', () => {
    const extra = message({ ...purchase, showroom: 'Lyon', vehicle: { vin: 'V1', colour: 'red' } })
    const { vehicle_vin, additional_properties } = event(readEvent(extra))
    expect(vehicle_vin).toBe('V1')
    expect(JSON.parse(additional_properties ?? '')).toEqual({
      showroom: 'Lyon',
      vehicle: { colour: 'red' },
    })
  })

  test('keeps an extra number that no double holds, as text', () => {
    const text = JSON.stringify(purchase).replace('}', ',"serial":9007199254740993}')
    expect(event(readEvent(message(text))).additional_properties).toBe(
      '{"serial":"9007199254740993"}',
    )
  })

  test('takes null for an absent optional field', () => {
    const nulls = { ...purchase, event_id: null, currency: null, vehicle: null, consent: null }
    expect(event(readEvent(message(nulls))).currency).toBeNull()
  })

  test.each([
    ['2026-11-19T19:32:00Z', '2026-11-19T19:32:00.000000Z'],
    ['2026-11-19t19:32:00.5z', '2026-11-19T19:32:00.500000Z'],
    ['2026-11-19T19:32:00.1234567+02:00', '2026-11-19T17:32:00.123456Z'],
    ['2026-11-19T23:30:00-03:00', '2026-11-20T02:30:00.000000Z'],
    ['2024-02-29T00:00:00+00:00', '2024-02-29T00:00:00.000000Z'],
  ])('reads the timestamp %s', (timestamp, utc) => {
    expect(event(readEvent(message({ ...purchase, timestamp }))).timestamp).toBe(utc)
  })

  test.each([
    ['45000.00', '45000'],
    ['0.000000001', '0.000000001'],
    ['4.5e4', '45000'],
    ['1E-3', '0.001'],
    ['12345678901234567.123456789', '12345678901234567.123456789'],
    ['99999999999999999999999999999.999999999', '99999999999999999999999999999.999999999'],
  ])('reads the amount %s exactly', (numeral, decimal) => {
    const text = JSON.stringify(purchase).replace('45000', numeral)
    expect(event(readEvent(message(text))).amount).toBe(decimal)
  })
})

describe('the derived event id', () => {
  const idOf = (data: object, attributes = { partner_id: 'dealer-7' }) =>
    event(readEvent(message(data, { attributes }))).event_id

  test('is the same for the same event, whatever its extras and its offset', () => {
    const same = { ...purchase, timestamp: '2026-11-19T20:32:00+01:00', note: 'again' }
    expect(idOf(same)).toBe(idOf(purchase))
  })

  test.each([
    ['order', { ...purchase, order_id: 'A002' }, 'dealer-7'],
    ['timestamp', { ...purchase, timestamp: '2026-11-19T19:32:01Z' }, 'dealer-7'],
    ['type', { ...cancellation, order_id: 'A001', timestamp: purchase.timestamp }, 'dealer-7'],
    ['partner', purchase, 'dealer-8'],
  ])('differs by %s', (_what, data, partner_id) => {
    expect(idOf(data, { partner_id })).not.toBe(idOf(purchase))
  })
})

describe('a rejected message', () => {
  test.each([...BREAKS])('has the reason %s', (reason, breakEvent) => {
    const { amount: _, ...shared } = purchase
    const reading = readEvent(message(breakEvent(shared)))
    expect(reasons(reading)).toEqual([reason])
  })

  test('has every reason the catalogue names', () => {
    expect([...BREAKS.keys()].toSorted()).toEqual(Object.keys(REASONS).toSorted())
  })

  test('has all its violations at once, each with path, expected and received', () => {
    const reading = readEvent(message({ ...purchase, amount: 'abc', car_model: '' }))
    expect(reading).toMatchObject({
      accepted: false,
      violations: [
        { reason: 'amount_not_a_number', path: 'amount', received: '"abc"' },
        { reason: 'car_model_empty', path: 'car_model', received: '""' },
      ],
    })
  })

  test.each([
    [
      message('not json'),
      { reason: 'not_json', received: 'a message of 8 bytes, broken at line 1, column 1 by … …' },
    ],
    [message(Buffer.alloc(1_048_577, ' ')), { received: 'a message of 1,048,577 bytes' }],
    [
      message('x', { part: { index: 0, of: 3 } }),
      { reason: 'too_large', received: 'a message that had to be cut into 3 parts' },
    ],
  ])('without readable fields says how large it is', (received, expected) => {
    expect(readEvent(received)).toMatchObject({ violations: [{ path: '', ...expected }] })
  })

  test.each([
    ['longer than 256 characters', 'x'.repeat(257)],
    ['a fraction', 1.5],
    ['neither a text nor a number', true],
  ])('has a schema version that is %s', (_what, schema_version) => {
    expect(reasons(readEvent(message({ ...purchase, schema_version })))).toEqual([
      'schema_version_malformed',
    ])
  })

  test.each([
    ['vehicle', 'vehicle_not_an_object'],
    ['consent', 'consent_not_an_object'],
  ])('has a %s that is a number no double holds', (field, reason) => {
    for (const digits of ['1e400', '-1e400', '123456789012345678901234567890']) {
      const text = JSON.stringify(purchase).replace('}', `,"${field}":${digits}}`)
      const reading = readEvent(message(text))
      expect(reasons(reading)).toEqual([reason])
      expect(reading).toMatchObject({ violations: [{ path: field, received: digits }] })
    }
  })

  test('says who sent it and what it was about, as far as it can be read', () => {
    const reading = readEvent(message({ ...purchase, event_id: 'e1', amount: -1 }))
    expect(reading).toMatchObject({
      identity: { partnerId: 'dealer-7', type: 'purchase', eventId: 'e1', orderId: 'A001' },
    })
  })

  test.each([
    ['no longer than 256 characters', '🚗'.repeat(256), '🚗'.repeat(256)],
    ['longer', '🚗'.repeat(257), null],
    ['blank', ' \ufeff', null],
  ])('keeps an id that is %s, as an accepted one would', (_what, order_id, orderId) => {
    expect(readEvent(message({ ...purchase, order_id })).accepted).toBe(orderId !== null)
    expect(readEvent(message({ ...purchase, order_id, amount: -1 }))).toMatchObject({
      identity: { orderId },
    })
  })

  test.each(['email', 'phone', 'customer_id'])('does not show the %s it refuses', (field) => {
    const reading = readEvent(message({ ...purchase, [field]: { secret: 'jane@example.com' } }))
    expect(JSON.stringify(reading)).not.toContain('jane')
  })

  test.each([
    '2026-11-19 19:32:00Z',
    '2026-11-19T19:32:00',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-11-19T24:00:00Z',
    '2026-11-19T19:32:60Z',
    '2026-11-19T19:32:00+24:00',
    '2026-11-19T19:32:00.Z',
    '1763580720',
  ])('has a timestamp such as %s', (timestamp) => {
    expect(reasons(readEvent(message({ ...purchase, timestamp })))).toEqual(['timestamp_malformed'])
  })
})

describe('the time rules', () => {
  const at = (timestamp: string) => reasons(readEvent(message({ ...purchase, timestamp })))

  test.each([
    ['ten minutes ahead of its publish time', '2026-11-20T10:10:00Z', []],
    ['a moment more', '2026-11-20T10:10:00.001Z', ['timestamp_in_future']],
    ['1,825 days before it', '2021-11-21T10:00:00Z', []],
    ['a moment more', '2021-11-21T09:59:59.999Z', ['timestamp_too_old']],
  ])('judge an event %s (%s)', (_what, timestamp, expected) => {
    expect(at(timestamp)).toEqual(expected)
  })
})

describe('any bytes whatever', () => {
  const isAnswer = (reading: ParseResult) =>
    reading.accepted ||
    (reading.violations.length > 0 && reasons(reading).every((code) => code in REASONS))

  test('give an event or reasons of the catalogue, never a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (data) =>
        isAnswer(readEvent(message(data))),
      ),
      { numRuns: 2_000 },
    )
  })

  test('and so does any JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => isAnswer(readEvent(message(json)))),
      { numRuns: 2_000 },
    )
  })

  test('and so does an event with any values in any of its fields', () => {
    const field = fc.constantFrom(
      ...Object.keys(purchase),
      'reason',
      'email',
      'vehicle',
      'consent',
      'event_id',
      'gclid',
    )
    const mutated = fc.dictionary(field, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
    fc.assert(
      fc.property(mutated, (fields) => isAnswer(readEvent(message({ ...purchase, ...fields })))),
      { numRuns: 2_000 },
    )
  })
})

test('a personal number is called a number, however exact it is', () => {
  const data = JSON.stringify({ ...purchase }).replace('"C101"', '12345678901234567890')
  const reading = readEvent(message(data))
  expect(reading).toMatchObject({
    violations: [{ path: 'customer_id', received: 'a value of type number (personal, not shown)' }],
  })
})
