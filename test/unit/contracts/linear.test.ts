// What was rewritten to be linear says what the expressions and parsers before it said.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readEvent } from '#contracts'
import { readJsonObject } from '#contracts/event/json'
import { toMoney } from '#contracts/event/money'
import { message, purchase } from '../../fixtures/messages.ts'

test('money has the value that its numeral has, without zeros that say nothing', () => {
  const digits = fc.stringMatching(/^[0-9]{1,12}$/)
  fc.assert(
    fc.property(digits, digits, fc.integer({ min: -12, max: 12 }), (whole, fraction, exponent) => {
      const money = toMoney(`${whole}.${fraction}e${exponent}`)
      const scaled = BigInt(whole + fraction) * 10n ** BigInt(24)
      const point = fraction.length - exponent
      if (!money.ok) return
      const [units = '', decimals = ''] = money.decimal.split('.')
      expect(BigInt(units + decimals) * 10n ** BigInt(24 - decimals.length + point)).toBe(scaled)
      expect(money.decimal).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/)
    }),
  )
})

test.each([
  ['a million zeros and a one', `0.${'0'.repeat(1_000_000)}1`, 'amount_too_many_decimals'],
  ['a million zeros', `0.${'0'.repeat(1_000_000)}`, 'amount_not_positive'],
  ['a million digits', '7'.repeat(1_000_000), 'amount_too_large'],
])('an amount of %s is refused by its rule', (_what, numeral, reason) => {
  expect(toMoney(numeral)).toEqual({ ok: false, reason })
})

test('zeros behind an amount say nothing, however many there are', () => {
  expect(toMoney(`45000.5${'0'.repeat(1_000_000)}`)).toEqual({ ok: true, decimal: '45000.5' })
})

test('a repeated key is refused whether or not the text has an exact number', () => {
  const exact = '"n":1.00000000000000000000001'
  for (const first of ['1', '{"b":1}', '[1]', '"x"'])
    for (const second of [first, '2', '{}'])
      for (const number of ['"n":1', exact])
        expect(readJsonObject(Buffer.from(`{${number},"a":${first},"a":${second}}`))).toEqual({
          ok: false,
          reason: 'duplicate_key',
        })
})

test('an exact number keeps its digits, and what is no JSON is refused', () => {
  const exact = '12345678901234567890.123'
  const reading = readJsonObject(Buffer.from(`{"n":${exact}}`))
  expect(reading.ok && String(reading.object['n'])).toBe(exact)
  for (const text of [`{"n":${exact},}`, `{"n":${exact}0.}`, `{"n":${exact}`, `{"n":0${exact}}`])
    expect(readJsonObject(Buffer.from(text))).toEqual({ ok: false, reason: 'not_json' })
})

test('of eighty thousand categories at fault, ten are named', () => {
  const consent = Object.fromEntries(Array.from({ length: 80_000 }, (_, at) => [`c${at}`, 1]))
  const reading = readEvent(message({ ...purchase, consent }))
  expect(reading.accepted ? [] : reading.violations).toEqual(
    Array.from({ length: 10 }, (_, at) =>
      expect.objectContaining({
        reason: 'consent_not_a_boolean',
        path: `consent.c${at}`,
        received: '1',
      }),
    ),
  )
})
