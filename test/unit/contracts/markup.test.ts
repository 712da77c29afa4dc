// What partners send stays text in Markdown, read by a real parser with GitHub's extensions, and in Slack's markup.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { markdownBlock, markdownCode, markdownText, slackCode, slackText } from '#contracts'
import { CANARIES, CANARY_TEXTS } from '../../support/canaries.ts'
import { activeIn, codeIn, shapeOf } from '../../support/markdown.ts'
import { unsafeIn } from '../../support/neutral.ts'

const marks = fc.constantFrom(...Array.from('`~*_[]()<>|#&@:!-+.1\\ \n\r\t"\'/'), ...CANARY_TEXTS)
const text = fc
  .array(fc.oneof(marks, fc.string(), fc.string({ unit: 'binary' })), { maxLength: 10 })
  .map((parts) => parts.join(''))

/** In every place of a document where the report puts a text. */
const documentOf = (write: (text: string) => string, given: string) => `# Title: ${write(given)}

${write(given)} begins a paragraph, *then* it is ${write(given)}.

- ${write(given)}: expected ${write(given)}

| a | b |
| - | - |
| ${write(given)} | ${write(given)} |
`

test.each([markdownText, markdownCode])('no text does more than show itself: %p', (write) => {
  const { inlineCode: _code, text: _plain, ...expected } = shapeOf(documentOf(write, 'word'))
  const property = fc.property(text, (given) => {
    const document = documentOf(write, given)
    expect(activeIn(document)).toEqual([])
    expect(unsafeIn(document)).toEqual([])
    const { inlineCode = 0, text: _texts, ...shape } = shapeOf(document)
    expect(shape).toEqual(expected)
    expect([0, 7]).toContain(inlineCode)
  })
  fc.assert(property)
})

test.each(Object.entries(CANARIES))('%s stays text', (_what, canary) => {
  expect(activeIn(documentOf(markdownText, canary))).toEqual([])
  expect(activeIn(markdownBlock(canary, 'json'))).toEqual([])
})

test('a block holds all of its text, and ends after it', () => {
  const property = fc.property(text, (given) => {
    const block = `before\n\n${markdownBlock(given, 'json')}\n\n*after*`
    expect(codeIn(block)).toHaveLength(1)
    expect(shapeOf(block)).toMatchObject({ paragraph: 2, emphasis: 1, code: 1 })
    expect(unsafeIn(block)).toEqual([])
  })
  fc.assert(property, { numRuns: 300 })
})

test.each([
  ['dealer-7', 'dealer-7'],
  ['amount_not_a_number', 'amount_not_a_number'],
  ['1234', '1234'],
  ['a JSON number above zero', 'a JSON number above zero'],
  ['"purchase" or "cancellation"', '"purchase" or "cancellation"'],
  ['www.evil.example', '`www.evil.example`'],
  ['_x_', '`_x_`'],
  ['1) x', '`1) x`'],
  ['a`b|c', "`a'b¦c`"],
  ['\u202e', '`\\u202e`'],
  ['', '` `'],
])('in Markdown %j reads %s', (given, expected) => {
  expect(markdownText(given)).toBe(expected)
})

test('Slack finds no mention, no link and no end of the code', () => {
  const property = fc.property(text, (given) => {
    for (const shown of [slackText(given), slackCode(given)]) {
      expect(shown).not.toMatch(/[<>\n]/)
      expect(shown.replace(/&(amp|lt|gt);/g, '')).not.toContain('&')
      expect(shown.split('`').length).toBeLessThanOrEqual(3)
      expect(unsafeIn(shown)).toEqual([])
    }
  })
  fc.assert(property, { numRuns: 300 })
})

test('in Slack a name stays a name', () => {
  expect([slackText('dealer-7'), slackCode('dealer-7')]).toEqual(['dealer-7', '`dealer-7`'])
  expect(slackText('<!channel> & co')).toBe('`&lt;!channel&gt; &amp; co`')
})
