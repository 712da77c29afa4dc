// Messages on which the Beam peer and we must agree: good, broken, at the edges of every rule, and at random.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Message } from '#contracts'
import { BREAKS } from '../../deploy/local/events/invalid-events.ts'
import { createEventSource } from '../../deploy/local/events/valid-events.ts'
import { cancellation, message, PUBLISH_TIME, purchase } from '../fixtures/messages.ts'

const SEED = 11
const VALID_EVENTS = 300

/** What the generators make: good events, and one for every reason of the contract. */
export function partnerMessages(): Message[] {
  const source = createEventSource(SEED, 5, new Date(PUBLISH_TIME))
  const good = Array.from({ length: VALID_EVENTS }, () => source.next())
  const { amount: _, ...shared } = purchase
  const samples = readFileSync('test/fixtures/sample-events.ndjson', 'utf8').trim().split('\n')
  return [
    ...good.map(({ event, attributes }) => message(event, { attributes })),
    ...samples.map((line) => message(line, { attributes: {} })),
    ...[...BREAKS.values()].map((breakEvent) => message(breakEvent(shared))),
  ]
}

const PURCHASE_TEXT = JSON.stringify(purchase)
const withText = (insert: string) => PURCHASE_TEXT.replace(/}$/, `,${insert}}`)
const withAmount = (numeral: string) => PURCHASE_TEXT.replace('45000', numeral)

const TIMESTAMPS = [
  '2026-11-19T19:32:00Z',
  '2026-11-19t19:32:00.5z',
  '2026-11-19T19:32:00.1234567+02:00',
  '2026-11-19T23:30:00-03:00',
  '2024-02-29T00:00:00+00:00',
  '2026-11-20T10:10:00Z',
  '2026-11-20T10:10:00.0009Z',
  '2026-11-20T10:10:00.001Z',
  '2021-11-21T10:00:00Z',
  '2021-11-21T09:59:59.999Z',
  '2026-11-19 19:32:00Z',
  '2026-11-19T19:32:00',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '2026-11-19T24:00:00Z',
  '2026-11-19T19:60:00Z',
  '2026-11-19T19:32:60Z',
  '2026-11-19T19:32:00+24:00',
  '2026-11-19T19:32:00+00:60',
  '2026-11-19T19:32:00.Z',
  '2026-11-19T19:32:00Z\n',
  '٢٠٢٦-11-19T19:32:00Z',
  '0000-01-01T00:00:00Z',
  '0000-12-31T23:30:00-01:00',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '9999-12-31T23:59:59Z',
  `2026-11-19T19:32:00.${'1'.repeat(300)}Z`,
  '1763580720',
  '',
  '\u00a0\ufeff',
  ' '.repeat(300),
]

const AMOUNTS = [
  '45000.00',
  '0.000000001',
  '0.0000000001',
  '4.5e4',
  '1E-3',
  '1e+2',
  '1e-9',
  '1e-10',
  '0',
  '-0',
  '0.0',
  '0e5',
  '-1',
  '-1.5e3',
  '12345678901234567.123456789',
  '99999999999999999999999999999.999999999',
  '999999999999999999999999999990.1',
  '1e28',
  '1e29',
  '1e101',
  '1e400',
  '1e-400',
  '5e-324',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '9007199254740993.0',
  '1.00000000000000000001',
  '100000.000000001',
  '0.1000000000000000055511151231257827',
  `0.${'0'.repeat(120)}1e125`,
  `1${'0'.repeat(120)}e-118`,
  '01',
  '1.',
  '.5',
  '+1',
  '1e',
  'NaN',
  'Infinity',
  '-Infinity',
  'true',
  'null',
  '"1"',
  '[]',
]

const TEXTS = [
  '',
  ' \n\t\r ',
  '\u00a0\ufeff\u2028',
  '\ufeff',
  `\ufeff${PURCHASE_TEXT}`,
  `\ufeff\ufeff${PURCHASE_TEXT}`,
  ` \n${PURCHASE_TEXT}\t `,
  `\u00a0${PURCHASE_TEXT}`,
  `${PURCHASE_TEXT}${PURCHASE_TEXT}`,
  `${PURCHASE_TEXT},`,
  PURCHASE_TEXT.replace('}', ',}'),
  PURCHASE_TEXT.replaceAll('":', '" : '),
  PURCHASE_TEXT.replaceAll('"', "'"),
  PURCHASE_TEXT.replace('"SUV"', '"S\nUV"'),
  PURCHASE_TEXT.replace('"SUV"', '"S\u0000UV"'),
  PURCHASE_TEXT.replace('"SUV"', '"S\\u0000\\u001f\\u007f\\"\\\\\\/UV"'),
  PURCHASE_TEXT.replace('"SUV"', '"S\\qUV"'),
  PURCHASE_TEXT.replace('"SUV"', '"S\\u12g4UV"'),
  PURCHASE_TEXT.replace('"SUV"', '"\\ud83d\\ude97"'),
  PURCHASE_TEXT.replace('"SUV"', '"\\ude97\\ud83d"'),
  PURCHASE_TEXT.replace(/"order_id":"[^"]*"/, '"order_id":"\\ud83dX"'),
  PURCHASE_TEXT.replace('SUV', '🚗'),
  PURCHASE_TEXT.replace('SUV', 'a:b{c}[d]'),
  PURCHASE_TEXT.replace('"order_id"', '"order\\u005fid"'),
  'null',
  'true',
  '1',
  '12345678901234567890',
  '"text"',
  '[]',
  '{}',
  '{"a":[[[}',
  '['.repeat(40),
  `"${'['.repeat(40)}`,
  withText('"serial":9007199254740993'),
  withText('"serial":[9007199254740993,0.1234567890123456789,{"x":1e400}],"small":1e-400'),
  withText('"plain":[1.10,-0.5,1e2,1E-7,12345.678],"tiny":5e-324'),
  withText('"vehicle":1e400'),
  withText('"consent":1e400'),
  withText('"vehicle":{"vin":1e400,"year":1e400}'),
  withText('"schema_version":123456789012345678901234567890'),
  withText('"a:b":1,"c":":"'),
  withText('"order_id":"A001"'),
  withText('"order_id":"A009"'),
  withText('"\\u006frder_id":"A009"'),
  withText('"x":{"a":1,"a":1}'),
  withText('"x":{"a":1,"a":2},"big":9007199254740993'),
  withText('"x":{"constructor":1},"x":2'),
  withText('"x":2,"x":{"constructor":1}'),
  withText('"x":{"constructor":1},"x":2,"big":9007199254740993'),
  withText('"x":[{"prototype":1}]'),
  withText('"\\u005f_proto__":1'),
  withText('"note":"prototype, constructor and __proto__"'),
  withText('"\\udc00":1'),
  withText('"deep":'.concat('['.repeat(31), ']'.repeat(31))),
  withText('"deep":'.concat('['.repeat(32), ']'.repeat(32))),
  withText('"deep":'.concat('{"a":'.repeat(31), '1', '}'.repeat(31))),
  withText(`"flat":[${'[],'.repeat(50)}[]]`),
  withText('"order_id":"again","amount":"x"'),
  withText('"amount":-1,"note":"\\ud83d","__proto__":1,"order_id":"again"'),
  withText('"x":{"y":"\\ud83d"},"x":1'),
  withText('"x":["\\udfff",{"prototype":1}],"x":[]'),
  withText('"partner_id":"first","partner_id":" last "'),
  withText('"type":"Purchase","currency":5'),
  withText(`"deep":${'['.repeat(40)}${']'.repeat(40)},"amount":"x","email":7`),
  withText(`"deep":${'['.repeat(40)}${']'.repeat(40)},"order_id":"again"`),
  `[${PURCHASE_TEXT}]`,
  withText('"note":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["'),
]

const LONG = 'é'.repeat(256)

const FIELDS: readonly object[] = [
  { event_id: null, currency: null, vehicle: null, consent: null, schema_version: null },
  { partner_id: 'own' },
  { partner_id: null },
  { partner_id: ' ' },
  { partner_id: 7 },
  { order_id: LONG },
  { order_id: `${LONG}é` },
  { order_id: '🚗'.repeat(128) },
  { order_id: '🚗'.repeat(256), amount: -1 },
  { order_id: '🚗'.repeat(257), email: '🚗'.repeat(1_025), consent: { ['🚗'.repeat(257)]: true } },
  { order_id: ' '.repeat(300), customer_id: '\u0085', car_model: '\u001c' },
  { type: 'Purchase' },
  { type: null },
  { type: ['purchase'] },
  { reason: 'not of a purchase' },
  { showroom: 'Lyon', vehicle: { vin: 'V1', colour: 'red' } },
  { vehicle: {} },
  { vehicle: { wheels: 4 } },
  { vehicle: { vin: ' '.repeat(300), make: 3, model: null, year: 1885 } },
  { vehicle: { year: 2024.5 } },
  { vehicle: { year: 2 ** 53 } },
  { vehicle: [] },
  { consent: {} },
  { consent: [] },
  { consent: { ad_user_data: true, 2: false, 1: true } },
  { consent: { ad_user_data: 1, other: null } },
  { consent: { ['x'.repeat(257)]: 'yes' } },
  { currency: 'eur' },
  { currency: ' ' },
  { currency: 7 },
  { schema_version: '2' },
  { schema_version: 2 },
  { schema_version: -3 },
  { schema_version: 1.5 },
  { schema_version: 2 ** 53 },
  { schema_version: true },
  { schema_version: ' ' },
  { schema_version: 'é'.repeat(257) },
  { schema_version: ' '.repeat(257) },
  { email: ' Jane.Doe+cars@Gmail.com', phone: '+49 (151) 1234-5678' },
  { email: 'a.b@googlemail.com', phone: '0049 151 1234 5678' },
  { email: 'a@b@example.com', phone: '0151 12345678' },
  { email: 'A.B+C@Example.com', phone: '+0151 12345678' },
  { email: 'İstanbul@Example.COM', phone: '+1\u00a0555-010-9999' },
  { email: 'ΟΔΟΣ@example.com', phone: '+123456789012345678' },
  { email: 'jane@localhost', phone: '٠' },
  { email: '\ufeffjane@example.com\u0085' },
  { gclid: 'G', gbraid: 'B', wbraid: 'W' },
  { gbraid: 'B', wbraid: 'W' },
  { wbraid: 'W' },
  { gclid: 'x'.repeat(1_025) },
  { timestamp: '2026-08-22T10:00:00Z' },
  { timestamp: '2026-08-22T09:59:59.999Z' },
  { type: 'Purchase', order_id: 5, amount: 'x' },
  { type: 'PURCHASED', amount: undefined, timestamp: '2999-01-01T00:00:00Z' },
  { type: ' cancelled ', reason: undefined, amount: -1, partial: 'x' },
  { type: undefined, amount: 'x', reason: undefined },
  { type: undefined, amount: undefined, reason: '' },
  { type: undefined, amount: 0, reason: 'x', email: 5 },
  { type: undefined, amount: undefined, reason: undefined, email: '', phone: 7 },
  { order_id: ' 1001 ', customer_id: '\u00a0C\t', event_id: '\u200bE\ufeff', partner_id: ' own ' },
  { order_id: ` ${LONG} `, amount: 'x', event_id: '\u202aE\u202c' },
  { order_id: ` ${LONG}é ` },
  { event_id: '', partner_id: '\u200b', currency: '', email: '', phone: ' ', schema_version: '' },
  {
    order_id: '\u0000A\u00ad',
    customer_id: '\u3164',
    event_id: '\u034f',
    partner_id: '\u180eP\ufe0f',
  },
  { car_model: '\u200b', schema_version: ' 1 ', email: '\u2800', reason: '\u061c' },
  { gclid: '', gbraid: ' ', wbraid: '\u2060', vehicle: { vin: '', make: ' ', model: '\u200b' } },
  { email: ' '.repeat(2_000), gclid: ' '.repeat(2_000), currency: '\u2003' },
  { gclid: ' G ', gbraid: ' B ', vehicle: { vin: ' V1 ', make: ' VW ' } },
  { amount: 'x', timestamp: '2027-11-27T09:00:00Z', currency: 'EURO' },
  { amount: 'x', timestamp: '2001-11-27T09:00:00Z', consent: { ['x'.repeat(300)]: 1, a: 1 } },
  { partial: true },
  { partial: false },
  { partial: null, amount: null },
  { partial: true, amount: 500 },
  { partial: false, amount: 500.25 },
  { amount: 500 },
  { amount: 0 },
  { amount: '500', partial: 1 },
  { partial: {} },
  { amount: 'abc', car_model: '', timestamp: 'x', email: 5, vehicle: 1, consent: 2, currency: 3 },
]

const GRANTED = { ad_user_data: true, ad_personalization: true }

const CLICK_IDS: readonly object[] = [
  'undefined',
  ' (Not Set) ',
  '{gclid}',
  'GCL.1700000000.Cj0_a-b',
  '"Cj0"',
  'Cj0&x=1',
  'Cj0 a',
  'https://x.example/?gclid=Cj0%2Da&b=1',
  'https://x.example/',
  '%3Fgclid%3DCj0',
  '?gclid=',
  '%%',
  '?gclid=%C3',
  '?gclid=%ED%A0%80',
  '__gclid__',
  '%gclid%',
  '\u200bCj0\u2014a',
  'Ｃｊ０',
  '?GCLID=Cj0',
  '12345',
  '1.5-2',
].map((gclid) => ({ gclid, wbraid: 'W', consent: GRANTED }))

/**
 * No phone number begins with +229 or +599: libphonenumber-js and Python's phonenumbers have different possible lengths
 * for these two calling codes.
 */
const CONTACTS: readonly object[] = [
  ['Jane <jane@example.com>', 'tel:+49-151-12345678;phone-context=+49'],
  ['mailto:jane%40example.com?subject=x', '+49 (0) 151 12345678 ext. 12'],
  ['E-Mail: jane@example.com:', 'tel://+49-151-12345678'],
  ['mailto://jane@example.com', '+49 151 12345678'],
  ['“jane@example.com”.', '(+49) 151 12345678'],
  ['jane@bücher.example', '+39 06 69812345'],
  ['jane@example.1', '+49 1111111'],
  ['jane@-example.com', '+800 1234 5678'],
  ['+a@gmail.com', '+999 12345678'],
  [`${'🚗'.repeat(33)}@example.com`, '+1 201 555'],
  ['n/a', "'+447911123456"],
  ['A'.repeat(64), '0'.repeat(64)],
  ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '+49151/12345678, 030 1234'],
  ['jane@example.com, joe@example.com', '+39160 321859)\u2028/'],
].map(([email, phone]) => ({ email, phone }))

/** Hand-made: both sides of every rule. */
export function edgeMessages(): Message[] {
  return [
    ...TIMESTAMPS.map((timestamp) => message({ ...purchase, timestamp })),
    ...AMOUNTS.map((numeral) => message(withAmount(numeral))),
    ...TEXTS.map((text) => message(text)),
    ...FIELDS.map((fields) => message({ ...purchase, ...fields })),
    ...FIELDS.map((fields) => message({ ...cancellation, ...fields })),
    ...[...CLICK_IDS, ...CONTACTS].map((fields) => message({ ...purchase, ...fields })),
    message({ ...cancellation, timestamp: '2026-09-27T10:00:00Z' }),
    message({ ...cancellation, timestamp: '2026-09-27T09:59:59.999Z' }),
    message({ ...purchase, partner_id: 'own' }, { attributes: {} }),
    message(purchase, { attributes: { partner_id: '' } }),
    message(purchase, { attributes: { partner_id: 'x'.repeat(300), région: 'Île-de-France' } }),
    message({ ...purchase, amount: -1 }, { attributes: {} }),
    message(Buffer.from([0xff, 0xfe])),
    message(Buffer.from('{\0}\0')),
    message(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])),
  ]
}

const RUNS = { seed: SEED, numRuns: 300 }

/** At random, the same on every run. */
export function mutatedMessages(): Message[] {
  const fields = ['order_id', 'amount', 'timestamp', 'type', 'reason', 'email', 'phone']
  const others = ['vehicle', 'consent', 'event_id', 'partner_id', 'gclid', 'currency', 'note']
  const field = fc.constantFrom(...fields, ...others)
  const mutated = fc.dictionary(field, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  const cut = fc.tuple(fc.nat(PURCHASE_TEXT.length), fc.string({ maxLength: 3 }))
  return [
    ...fc.sample(fc.uint8Array({ maxLength: 200 }), RUNS).map((bytes) => message(bytes)),
    ...fc.sample(fc.json({ maxDepth: 6 }), RUNS).map((json) => message(json)),
    ...fc.sample(mutated, RUNS).map((some) => message({ ...purchase, ...some })),
    ...fc
      .sample(cut, RUNS)
      .map(([at, insert]) =>
        message(PURCHASE_TEXT.slice(0, at) + insert + PURCHASE_TEXT.slice(at + 1)),
      ),
  ]
}
