// Whether a message is about a person, whatever its bytes are.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hasWord, relationTo } from '#contracts/event/names-person'

const known = {
  customerId: 'C101',
  identifiers: ['erika@example.com'],
  orders: new Set(['A001']),
}
const relation = (data: unknown, orderId: string | null = null, attributes = {}) =>
  relationTo(known, {
    data: data instanceof Uint8Array ? data : Buffer.from(toText(data)),
    attributes,
    orderId,
  })
const toText = (data: unknown) => (typeof data === 'string' ? data : JSON.stringify(data))

describe('a message with a customer id', () => {
  test.each([['C101'], ['  C101\u200b']])('%j is the person', (customer_id) => {
    expect(relation({ customer_id })).toBe('named')
  })

  test.each([['C1011'], ['c101'], ['C10'], ['X C101']])('%j is another', (customer_id) => {
    expect(relation({ customer_id, email: 'erika@example.com' }, 'A001')).toBe('another')
  })

  test('a number counts by its digits, however many there are', () => {
    const person = { ...known, customerId: '12345678901234567890' }
    const data = Buffer.from('{"customer_id":12345678901234567890}')
    expect(relationTo(person, { data, attributes: {}, orderId: null })).toBe('named')
  })
})

describe('a message without a readable customer id', () => {
  test.each([
    ['broken JSON', '{"customer_id":"C101","amou'],
    ['an array', [{ customer_id: 'C101' }]],
    ['another name', { customerId: 'C101' }],
    ['a deeper place', { customer: { id: 'C101' } }],
    ['an e-mail address', { email: 'erika@example.com' }],
    ['UTF-16', Buffer.from('C101', 'utf16le')],
    ['UTF-16, the other way round', Buffer.from('C101', 'utf16le').swap16()],
  ])('mentions the person in %s', (_, data) => {
    expect(relation(data)).toBe('mentioned')
  })

  test('mentions the person by an order or an attribute', () => {
    expect(relation('{', 'A001')).toBe('mentioned')
    expect(relation('{', null, { customer: 'C101' })).toBe('mentioned')
  })

  test.each([['C1011'], ['XC101'], [''], ['{}']])('%j does not', (text) => {
    expect(relation(text)).toBe('none')
  })
})

test('a word is found in JSON however it is escaped, at the end of a longer text', () => {
  const word = fc.string({ minLength: 1, unit: 'grapheme' })
  fc.assert(
    fc.property(word, fc.boolean(), (id, isAscii) => {
      const json = JSON.stringify(`for ${id}`)
      const ascii = json.replace(
        /[\u0080-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
      expect(hasWord(Buffer.from(isAscii ? ascii : json), id)).toBe(true)
    }),
  )
})
