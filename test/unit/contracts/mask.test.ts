// A text is cut before it is masked, and no part of an address, a telephone number or a person's JSON is left by the cut.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { maskedStart, maskPersonal, maskText, readEvent } from '#contracts'
import { writeJson } from '#contracts/event/json'
import { message, purchase } from '../../fixtures/messages.ts'

const SECRET = /muster|4917|0123456|example/i
const startOf = (text: string, characters = 80) => maskedStart(text, characters)

describe('a text that is cut', () => {
  test.each([
    ['an address', 'max.mustermann@example.com'],
    ['an address in a sentence', 'write to max.mustermann@example.com, please'],
    ['a telephone number', '+49170123456789'],
    ['a telephone number with blanks', '+49 170 123 456 789'],
    ['JSON', '{"first_name":"Mustermann"}'],
    ['JSON in base64', Buffer.from('{"first_name":"Mustermann"}').toString('base64')],
    ['an address in base64', Buffer.from('max.mustermann@example.com').toString('base64')],
  ])('shows no part of %s, wherever the cut is', (_what, personal) => {
    const encoded = /bXVzdGVy|TXVzdGVy|bWF4Lm11|Zmlyc3RfbmFt/
    for (let before = 0; before <= 130; before++)
      for (const filler of ['x ', ' ', '"']) {
        const text = filler.repeat(before / filler.length) + personal
        for (const after of ['', ' ', ' y'.repeat(400), `, ${personal}`.repeat(40)]) {
          const shown = startOf(text + after)
          expect(shown).not.toMatch(SECRET)
          expect(shown).not.toMatch(encoded)
          expect(shown).not.toMatch(/\+\d/)
          expect(shown.length).toBeLessThanOrEqual(80)
        }
      }
  })

  test('shows nothing of an address longer than any that exists', () => {
    expect(startOf(`${'mustermann'.repeat(100)}@example.com`)).toBe('(masked rest)')
    expect(startOf(`to ${'mustermann'.repeat(100)}@example.com`)).toBe('to (masked rest)')
  })

  test('is shown as it is where it is short, or has nothing personal', () => {
    expect(startOf('payment failed')).toBe('payment failed')
    expect(startOf('lorem ipsum '.repeat(100))).toBe('lorem ipsum '.repeat(100).slice(0, 80))
  })

  test('is the beginning of what is masked as a whole', () => {
    const word = fc.constantFrom('a', 'SUV', 'max@example.com', '+49 170 1234567', ',', '"', '4')
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 200 }),
        fc.integer({ min: 1, max: 200 }),
        (words, most) => {
          const text = words.join(' ')
          const whole = maskText(text)
          const shown = startOf(text, most).replace(/\(masked rest\)?.*|\(mas?k?e?d?$|\($/, '')
          expect(whole.startsWith(shown.trimEnd())).toBe(true)
        },
      ),
    )
  })
})

describe('a value that is cut', () => {
  test('has the same beginning as the whole', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 300 }), (value, most) => {
        const whole = writeJson(maskPersonal(value))
        const cut = writeJson(maskPersonal(value, most))
        fc.pre(!whole.includes('masked'))
        expect(cut.slice(0, most)).toBe(whole.slice(0, most))
      }),
    )
  })

  test('shows little of a violation, and nothing personal', () => {
    const reading = readEvent(
      message({
        ...purchase,
        order_id: {
          list: ['', 'max@example.com'],
          ['max@example.com']: 1,
          first_name: 'Mustermann',
        },
        currency: `${'x '.repeat(39)}max.mustermann@example.com`,
        consent: { 'max@example.com': 'no' },
      }),
    )
    const violations = reading.accepted ? [] : reading.violations
    expect(violations.map(({ path }) => path).toSorted()).toEqual([
      '(masked e-mail)',
      'currency',
      'order_id',
    ])
    expect(JSON.stringify(violations)).not.toMatch(SECRET)
    for (const { received } of violations) expect(received.length).toBeLessThanOrEqual(80)
  })
})

describe('what carries other data', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  test.each([
    base64('{"first_name":"Mustermann"}'),
    base64('[{"first_name":"Mustermann"}]'),
    Buffer.from('{"first_name":"Mustermann"}').toString('base64url'),
    `data:application/json;base64,${base64('{"first_name":"Mustermann"}')}`,
    `${base64('{"alg":"HS256"}')}.${base64('{"name":"Mustermann"}')}.c2lnbmF0dXJl`,
    base64('Max Mustermann, Ringstrasse 1'),
    'max.mustermann%40example.com',
    '{"a":"{\\"first_name\\":\\"Mustermann\\"}"}',
    '[[{"first_name":"Mustermann"}]]',
    '{\\"first_name\\":\\"Mustermann\\"}',
    'failed for {"first_name":"Mustermann"} twice',
    "{'first_name': 'Mustermann'}",
    JSON.stringify(JSON.stringify({ first_name: 'Mustermann' })),
  ])('%s is masked in an attribute', (text) => {
    const shown = JSON.stringify(maskPersonal({ attributes: { extra: text } }))
    expect(shown).not.toMatch(/Mustermann|mustermann/)
    expect(shown).not.toMatch(/TXVzdGVybWFubi|VzdGVybWFu|c3Rlcm1h|dXN0ZXJt/)
    expect(shown).toContain('masked')
  })

  test.each([
    '8234567890123456',
    'A001',
    'd41d8cd98f00b204e9800998ecf8427e',
    'payment_failed_by_customer',
    'dealer-7',
  ])('an id such as %s stays', (text) => {
    expect(maskPersonal({ a: text })).toEqual({ a: text })
  })

  test('hardly any message id is taken for text in base64', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) =>
      String(8_000_000_000_000_000 + i * 7_919_123),
    )
    expect(ids.filter((id) => maskText(id) !== id)).toEqual([])
  })
})
