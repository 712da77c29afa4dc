// What partners send is shown as text: nothing of it steers a terminal, and nothing of it is hidden or lost.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fromVisible, visible, visibleInLine } from '#contracts'
import { CANARIES } from '../../support/canaries.ts'
import { unsafeIn } from '../../support/neutral.ts'

const UNSAFE = [
  '\u001b \u0007 \r \u007f \u0085 \u009b \u00ad \u061c \u200b \u200e \u2028 \u202e \u2066 \ufe0f \ufeff \uffff',
  '\ud83d \udc4d \u{e0041} \u{e0100} \u{f0000} \ufff9 \u0301 \n \t \\ "',
]
const unsafe = fc.constantFrom(...UNSAFE.join(' ').split(' '))
const anyText = fc.array(fc.oneof(unsafe, fc.string({ unit: 'binary' }), fc.string()), {
  maxLength: 12,
})
const text = anyText.map((parts) => parts.join(''))

test('no text holds anything unsafe afterwards, and a value within a line holds no line break or tab', () => {
  const property = fc.property(text, (given) => {
    expect(unsafeIn(visible(given))).toEqual([])
    expect(unsafeIn(visibleInLine(given))).toEqual([])
    expect(visibleInLine(given)).not.toMatch(/[\n\t]/)
  })
  fc.assert(property, { numRuns: 300 })
})

test('JSON text keeps its meaning', () => {
  const json = fc.jsonValue({ stringUnit: 'binary' })
  const values = fc.oneof(json, fc.dictionary(text, text), fc.array(text))
  const property = fc.property(values, (value) => {
    const written = JSON.stringify(value, null, 2)
    expect(JSON.parse(visible(written))).toEqual(JSON.parse(written))
  })
  fc.assert(property, { numRuns: 300 })
})

test('what was made visible can be typed again', () => {
  const property = fc.property(text, (given) => {
    fc.pre(!given.includes('\\u'))
    expect(fromVisible(visibleInLine(given))).toBe(given)
  })
  fc.assert(property, { numRuns: 300 })
})

test('making it visible twice changes nothing more', () => {
  fc.assert(fc.property(text, (given) => expect(visible(visible(given))).toBe(visible(given))))
})

test.each([
  'A001',
  'Müller & Söhne',
  '日本語',
  'किताब',
  'ภาษาไทย',
  'שָׁלוֹם',
  'Việt',
  '👍🏽 🇩🇪',
  '45 000 €',
])('%s is shown as it is', (readable) => {
  expect(visibleInLine(readable)).toBe(readable)
  expect(visibleInLine(readable.normalize('NFD'))).toBe(readable.normalize('NFD'))
})

test.each(Object.entries(CANARIES))('%s is safe', (_what, canary) => {
  expect(unsafeIn(visible(canary))).toEqual([])
})

test('a pile of marks keeps four of them', () => {
  expect(visible(`a${'\u0301'.repeat(6)}b`)).toBe(`a${'\u0301'.repeat(4)}\\u0301\\u0301b`)
})

test('a character beyond the first plane is written as JSON writes it', () => {
  expect(visible('\u{e0041}')).toBe('\\udb40\\udc41')
})
