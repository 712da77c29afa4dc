// A rejected event names every rule it breaks at once, with the place, and with the value as it was sent.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type ParseResult, readEvent } from '#contracts'
import { BREAKS } from '../../../../deploy/local/events/invalid-events.ts'
import { cancellation, message, purchase } from '../../../fixtures/messages.ts'
import { acceptedEvent as event } from '../../../support/accepted-event.ts'

const violations = (reading: ParseResult) => (reading.accepted ? [] : reading.violations)
const reasons = (data: object | string) =>
  violations(readEvent(message(data))).map(({ reason }) => reason)

describe('every broken rule at once', () => {
  test.each<[string, object, readonly string[]]>([
    [
      'a type in capitals has the rules of the type it names',
      { ...purchase, type: 'Purchase', order_id: 5, amount: 'x' },
      ['type_unknown', 'amount_not_a_number', 'order_id_not_a_string'],
    ],
    [
      'a type with a suffix',
      { ...purchase, type: 'purchase_completed', amount: -1 },
      ['type_unknown', 'amount_not_positive'],
    ],
    [
      'a type in another spelling',
      { ...cancellation, type: 'Canceled', reason: undefined, currency: 'XQQ' },
      ['type_unknown', 'reason_missing', 'currency_unknown'],
    ],
    [
      'an absent type, and an amount',
      { ...purchase, type: undefined, amount: 'x' },
      ['type_missing', 'amount_not_a_number'],
    ],
    [
      'an absent type, and a reason',
      { ...cancellation, type: undefined, reason: '' },
      ['type_missing', 'reason_empty'],
    ],
    [
      'a type that is no text, and neither amount nor reason',
      { ...purchase, type: 7, amount: undefined, customer_id: '', email: 5 },
      ['type_not_a_string', 'customer_id_empty', 'email_not_a_string'],
    ],
    [
      'a type of nothing we know, and an amount and a reason',
      { ...purchase, type: 'test_drive', reason: 'x', amount: 0, order_id: null },
      ['type_unknown', 'order_id_missing', 'amount_not_positive'],
    ],
    [
      'a time in the future',
      { ...purchase, amount: 'x', timestamp: '2027-11-27T09:00:00Z' },
      ['amount_not_a_number', 'timestamp_in_future'],
    ],
    [
      'a time that is too old, of an unknown type',
      { ...purchase, type: 'order', order_id: ' ', timestamp: '2001-01-01T00:00:00Z' },
      ['type_unknown', 'order_id_empty', 'timestamp_too_old'],
    ],
    [
      'a malformed time is told once',
      { ...purchase, currency: 5, timestamp: '27.11.2026' },
      ['timestamp_malformed', 'currency_not_a_string'],
    ],
    [
      'rules inside vehicle and consent',
      { ...purchase, vehicle: { vin: 1, year: 'x' }, consent: { a: 1, ['k'.repeat(300)]: true } },
      [
        'consent_key_too_long',
        'consent_not_a_boolean',
        'vehicle_vin_not_a_string',
        'vehicle_year_not_an_integer',
      ],
    ],
    [
      'a cancellation',
      { ...cancellation, reason: 5, amount: -1, partial: 'yes' },
      ['reason_not_a_string', 'amount_not_positive', 'partial_not_a_boolean'],
    ],
  ])('%s', (_what, data, expected) => {
    expect(reasons(data)).toEqual(expected)
  })

  test.each(['order_id', 'car_model', 'email', 'gclid'])(
    'a list in place of %s is no text, and nothing else',
    (field) => {
      for (const length of [0, 1, 2_000])
        expect(reasons({ ...purchase, [field]: Array(length).fill('a') })).toEqual([
          `${field}_not_a_string`,
        ])
    },
  )

  test('of many categories of consent ten are named for each rule, wherever they stand', () => {
    const many = Array.from({ length: 50 }, (_, at) => [`c${at}`, 1])
    const long = Array.from({ length: 50 }, (_, at) => [`${'k'.repeat(256)}${at}`, true])
    const found = reasons({
      ...purchase,
      amount: 'x',
      consent: Object.fromEntries([...many, ...long]),
    })
    const count = (reason: string) => found.filter((one) => one === reason).length
    expect(count('consent_not_a_boolean')).toBe(10)
    expect(count('consent_key_too_long')).toBe(10)
    expect(count('amount_not_a_number')).toBe(1)
  })

  const FIELD_BREAKS: ReadonlyMap<string, object> = new Map([
    ['order_id_not_a_string', { order_id: 5 }],
    ['customer_id_empty', { customer_id: ' ' }],
    ['car_model_missing', { car_model: null }],
    ['amount_not_positive', { amount: -3 }],
    ['timestamp_in_future', { timestamp: '2999-01-01T00:00:00Z' }],
    ['event_id_too_long', { event_id: 'x'.repeat(257) }],
    ['currency_unknown', { currency: 'EURO' }],
    ['email_not_a_string', { email: 5 }],
    ['gclid_not_a_string', { gclid: {} }],
    ['consent_not_an_object', { consent: 'yes' }],
    ['vehicle_not_an_object', { vehicle: 'Golf' }],
    ['schema_version_malformed', { schema_version: 1.5 }],
    ['type_unknown', { type: 'PURCHASE' }],
  ])

  test('any rules that are broken together are all told, whichever they are', () => {
    const some = fc.subarray([...FIELD_BREAKS], { minLength: 1 })
    fc.assert(
      fc.property(some, fc.boolean(), (broken, isRepeated) => {
        const data = Object.assign({}, purchase, ...broken.map(([, fields]) => fields))
        const text = JSON.stringify(data).replace(/}$/, isRepeated ? ',"type":"purchase"}' : '}')
        const told = new Set(reasons(text))
        const expected = new Set(broken.map(([reason]) => reason))
        if (isRepeated) {
          expected.add('duplicate_key')
          expected.delete('type_unknown')
        }
        expect(told).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('the table of broken events has each rule alone', () => {
    const { amount: _, ...shared } = purchase
    for (const [reason, breakEvent] of BREAKS) {
      const told = violations(readEvent(message(breakEvent(shared))))
      expect(told.map((one) => one.reason)).toEqual([reason])
    }
  })
})

describe('the value is shown as it was sent', () => {
  const received = (field: string, literal: string) => {
    const { [field]: _, ...others } = { ...purchase } as Record<string, unknown>
    const text = JSON.stringify(others).replace(/}$/, `,"${field}":${literal}}`)
    return violations(readEvent(message(text))).find(({ path }) => path === field)?.received
  }

  test.each([
    ['order_id', '12345678901234567890123'],
    ['order_id', '1.50'],
    ['order_id', '1E5'],
    ['order_id', '[12345678901234567890,1.0]'],
    ['amount', '-0'],
    ['amount', '-1.00'],
    ['amount', '1e400'],
    ['amount', '0.12345678901234567890'],
    ['amount', '"45.000,00"'],
    ['car_model', '{"n":9007199254740993}'],
    ['currency', '978'],
    ['timestamp', '1763580720000000001'],
    ['vehicle', '9007199254740993'],
    ['schema_version', '1.50'],
  ])('%s %s', (field, literal) => {
    expect(received(field, literal)).toBe(literal)
  })

  test('a long number is cut as a long text is', () => {
    expect(received('order_id', '7'.repeat(500))).toBe('7'.repeat(80))
  })
})

describe('text that is JSON and not acceptable', () => {
  const withMember = (insert: string) =>
    JSON.stringify({ ...purchase, partner_id: 'dealer-x' }).replace(/}$/, `,${insert}}`)

  test.each<[string, string, readonly string[], string]>([
    ['a repeated key', withMember('"order_id":"again"'), ['duplicate_key'], 'order_id'],
    ['the same value again', withMember('"order_id":"A001"'), ['duplicate_key'], 'order_id'],
    [
      'a repeated key deep inside',
      withMember('"x":[{"a":{"b":1,"b":2}}]'),
      ['duplicate_key'],
      'x.0.a.b',
    ],
    ['an escaped key', withMember('"\\u006frder_id":"again"'), ['duplicate_key'], 'order_id'],
    ['a lone surrogate', withMember('"note":"\\ud83d"'), ['not_unicode'], 'note'],
    ['a lone surrogate in a key', withMember('"a\\udc00":1'), ['not_unicode'], 'a\ufffd'],
    ['a lone surrogate in a list', withMember('"tags":["a","\\udfff"]'), ['not_unicode'], 'tags.1'],
    ['a prototype key', withMember('"__proto__":{"isAdmin":true}'), ['forbidden_key'], '__proto__'],
    ['a constructor', withMember('"x":{"constructor":1}'), ['forbidden_key'], 'x.constructor'],
    [
      'deep nesting',
      withMember(`"d":${'['.repeat(40)}${']'.repeat(40)}`),
      ['nested_too_deep'],
      `d${'.0'.repeat(31)}`,
    ],
    [
      'deeper nesting than any stack',
      withMember(`"d":${'['.repeat(200_000)}${']'.repeat(200_000)}`),
      ['nested_too_deep'],
      `d${'.0'.repeat(31)}`,
    ],
    [
      'a repeated key of an event that breaks another rule',
      withMember('"amount":"x"'),
      ['duplicate_key', 'amount_not_a_number'],
      'amount',
    ],
  ])('%s names the partner and the key', (_what, text, expected, path) => {
    const reading = readEvent(message(text, { attributes: {} }))
    expect(reading).toMatchObject({
      accepted: false,
      identity: { partnerId: 'dealer-x', type: 'purchase' },
    })
    expect(violations(reading).map(({ reason }) => reason)).toEqual(expected)
    expect(violations(reading)[0]?.path).toBe(path)
    expect(violations(reading)[0]?.received).toMatch(/ at line 1, column \d+$/)
  })
})

describe('text that is not JSON', () => {
  const received = (text: string) => violations(readEvent(message(text)))[0]?.received

  test.each([
    ['{"type":"purchase",}', 'line 1, column 20 after {"type":"purchase", by }'],
    [
      '{\n  "type": "purchase"\n  "amount": 1\n}',
      'line 3, column 3 after "type": "purchase" by "amount": … }',
    ],
    ['{"amount":1', 'line 1, column 12 after {"amount":… by the end of the message'],
    [
      '{"type":"purchase",\r\n"amount":01}',
      'line 2, column 11 after :"purchase", "amount":… by …}',
    ],
    ["{'type':'purchase'}", "line 1, column 2 after { by 'type':'purchase'}"],
    ['{"type": undefined}', 'line 1, column 10 after {"type": by undefined}'],
  ])('%j says where it breaks', (text, place) => {
    expect(received(text)).toContain(`, broken at ${place}`)
  })

  test('shows nothing of a person, and few characters', () => {
    fc.assert(
      fc.property(fc.nat(200), (cut) => {
        const text = JSON.stringify({
          first_name: 'Jane',
          email: 'jane@example.com',
          phone: '+49 151 23456789',
          city: 'Ulm',
          customer_id: 'C-77',
          note: 'call Jane',
        })
        const shown = received(text.slice(0, cut) + text.slice(cut + 1) + ']')
        expect(shown).not.toMatch(/jane|example|Ulm|151|2345|C-77|call/i)
        expect(String(shown).length).toBeLessThan(140)
      }),
    )
  })
})

describe('ids and optional texts', () => {
  const BLANKS = [
    '',
    ' ',
    '\t\n',
    '\u00a0',
    '\ufeff',
    '\u200b',
    '\u2028',
    '\u3000',
    '\u202a\u202c',
    '\u0000',
    '\u0085',
    '\u00ad',
    '\u034f',
    '\u061c',
    '\u115f\u1160',
    '\u180e',
    '\u2065',
    '\u2800',
    '\u3164',
    '\ufe0f',
    '\uffa0',
    '\ufff9',
    ' '.repeat(2_000),
    null,
  ]
  const OPTIONAL = [
    'event_id',
    'email',
    'phone',
    'gclid',
    'gbraid',
    'wbraid',
    'currency',
    'schema_version',
  ] as const

  test.each(OPTIONAL)('a blank %s is an absent one', (field) => {
    const absent = event(purchase)
    for (const blank of BLANKS) expect(event({ ...purchase, [field]: blank })).toEqual(absent)
  })

  test.each(['vin', 'make', 'model'])('a blank vehicle.%s is an absent one', (field) => {
    for (const blank of BLANKS)
      expect(event({ ...purchase, vehicle: { [field]: blank } })).toEqual(event(purchase))
  })

  test('a blank partner leaves the one of the message, and of both the event has none', () => {
    for (const blank of BLANKS) {
      expect(event({ ...purchase, partner_id: blank }).partner_id).toBe('dealer-7')
      const attributes = { partner_id: blank ?? '' }
      expect(event(purchase, { attributes }).partner_id).toBe('unknown')
      expect(readEvent(message({ ...purchase, partner_id: blank, amount: -1 }))).toMatchObject({
        identity: { partnerId: 'dealer-7' },
      })
    }
  })

  test.each([
    'order_id',
    'customer_id',
    'event_id',
    'partner_id',
    'gclid',
    'gbraid',
    'wbraid',
  ] as const)('%s is the same with and without white space around it', (field) => {
    for (const around of [
      ' ',
      '\t',
      '\r\n',
      '\u00a0',
      '\ufeff',
      '\u200b',
      '\u202a',
      '\u2003',
      '\u0000',
      '\u00ad',
      '\u061c',
      '\u180e',
      '\u3164',
      '\ufe0f',
      '  \n',
    ])
      for (const text of [`${around}X 1`, `X 1${around}`, `${around}X 1${around}`])
        expect(event({ ...purchase, [field]: text })).toEqual(
          event({ ...purchase, [field]: 'X 1' }),
        )
  })

  test.each(['order_id', 'customer_id', 'car_model', 'timestamp'])(
    'a %s that no reader sees is an empty one',
    (field) => {
      for (const blank of BLANKS.filter((text) => text !== null && text.length < 256))
        expect(reasons({ ...purchase, [field]: blank })).toEqual([`${field}_empty`])
    },
  )

  test('a schema version is the same with and without white space around it', () => {
    expect(event({ ...purchase, schema_version: ' 1 ' })).toEqual(
      event({ ...purchase, schema_version: 1 }),
    )
  })

  test.each([
    ['order_id', 'orderId'],
    ['event_id', 'eventId'],
    ['partner_id', 'partnerId'],
  ])(
    'half a surrogate pair in %s is replaced wherever the rejected event is recorded',
    (field, name) => {
      for (const [sent, recorded] of [
        ['\\ud800', '\ufffd'],
        ['X\\udc00', 'X\ufffd'],
        ['\\udc00\\ud800Y', '\ufffd\ufffdY'],
      ]) {
        const text = JSON.stringify({ ...purchase, [field]: '?' }).replace('"?"', `"${sent}"`)
        expect(readEvent(message(text))).toMatchObject({ identity: { [name]: recorded } })
      }
    },
  )

  test('an id with white space around it is as long as what is left of it', () => {
    const id = 'x'.repeat(256)
    expect(event({ ...purchase, order_id: `  ${id}  ` }).order_id).toBe(id)
    expect(reasons({ ...purchase, order_id: ` ${id}x ` })).toEqual(['order_id_too_long'])
  })

  test('an e-mail address and a telephone number stay as they were sent', () => {
    const { email, phone } = event({ ...purchase, email: ' a@b.c ', phone: ' +1 ' })
    expect([email, phone]).toEqual([' a@b.c ', ' +1 '])
  })
})

describe('the rule for times in the future', () => {
  const timestamp = '2026-11-20T10:10:30Z'
  const at = (redrivenAt: string | undefined) => ({
    ...(redrivenAt !== undefined && { redrivenAt }),
  })

  test.each([
    [undefined, ['timestamp_in_future']],
    ['2026-11-20T10:00:29Z', ['timestamp_in_future']],
    ['2026-11-20T10:00:30Z', []],
    ['2026-11-20T11:00:00Z', []],
    ['2027-11-20T11:00:00Z', []],
  ])('redriven at %s', (redrivenAt, expected) => {
    const reading = readEvent(message({ ...purchase, timestamp }, at(redrivenAt)))
    expect(violations(reading).map(({ reason }) => reason)).toEqual(expected)
  })

  test('the age of an event stays the one it had when it was published', () => {
    const old = { ...purchase, timestamp: '2021-11-22T10:00:00Z' }
    expect(readEvent(message(old, at('2036-11-20T10:00:00Z'))).accepted).toBe(true)
  })
})

describe('a cancellation of a part of an order', () => {
  test.each<[object, string | null, boolean]>([
    [{}, null, false],
    [{ partial: true }, null, true],
    [{ partial: false }, null, false],
    [{ partial: null, amount: null }, null, false],
    [{ amount: 500 }, '500', true],
    [{ amount: 500.5, partial: true }, '500.5', true],
    [{ amount: 500, partial: false }, '500', false],
    [{ amount: 500, partial: null }, '500', true],
    [{ amount: 1e-9 }, '0.000000001', true],
    [{ partial: true, amount: null }, null, true],
  ])('%j', (fields, amount, partial) => {
    expect(event({ ...cancellation, ...fields })).toMatchObject({
      amount,
      partial,
      additional_properties: null,
    })
  })

  test.each<[object, string]>([
    [{ amount: '500' }, 'amount_not_a_number'],
    [{ amount: 0 }, 'amount_not_positive'],
    [{ amount: -5 }, 'amount_not_positive'],
    [{ amount: 1e30 }, 'amount_too_large'],
    [{ partial: 'true' }, 'partial_not_a_boolean'],
    [{ partial: 1 }, 'partial_not_a_boolean'],
    [{ partial: {} }, 'partial_not_a_boolean'],
  ])('%j is refused', (fields, reason) => {
    expect(reasons({ ...cancellation, ...fields })).toEqual([reason])
  })

  test('a purchase has no such field: the contract does not name it there', () => {
    expect(event({ ...purchase, partial: 'x' })).toMatchObject({
      partial: null,
      additional_properties: '{"partial":"x"}',
    })
  })
})
