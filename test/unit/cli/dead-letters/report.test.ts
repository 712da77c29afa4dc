// A report goes to people outside: nothing personal in its samples, nothing of a partner's that becomes markup or a formula.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { excludedPurchases } from '#operations/partner-report/google-ads'
import { maskedSample } from '#operations/partner-report/masked-sample'
import type { Report } from '#operations/partner-report/read'
import { asCsv, asMarkdown } from '../../../../cli/dead-letters/report-text.ts'
import { purchase } from '../../../fixtures/messages.ts'

const sampleOf = (text: string) => maskedSample(Buffer.from(text))

const report = (differs: Partial<Report['reasons'][number]['sample']> = {}): Report => ({
  partner: 'dealer-7',
  open: false,
  received: 4_000,
  rejected: 3,
  corrected: 0,
  waiting: 3,
  corrections: 0,
  lookalikes: 0,
  firstSeen: '2026-11-20T10:00:00.000Z',
  lastSeen: '2026-11-21T10:00:00.000Z',
  notForGoogleAds: [],
  reasons: [
    {
      reason: 'amount_not_a_number',
      events: 3,
      open: 3,
      share: 1,
      firstSeen: '2026-11-20T10:00:00.000Z',
      lastSeen: '2026-11-21T10:00:00.000Z',
      contractExpects: 'a JSON number above zero',
      sample: {
        messageId: 'm1',
        publishedAt: '2026-11-21T10:00:00.000Z',
        orderId: 'A001',
        path: 'amount',
        received: '"x"',
        event: '{}',
        ...differs,
      },
    },
  ],
})

test('a sample keeps every digit, and no value of a personal field', () => {
  const text = JSON.stringify({ ...purchase, email: 'max@example.com' }).replace(
    '45000',
    '12345678901234567890.123',
  )
  const sample = sampleOf(text)
  expect(sample).toContain('"amount": 12345678901234567890.123')
  expect(sample).toContain('"email": "(masked string)"')
  expect(sample).not.toContain(purchase.customer_id)
})

test('what is masked still says its kind', () => {
  const text = '{"customer_id":42,"phone":4917012345678901234567,"vin":["x"],"email":{"a":1}}'
  expect(JSON.parse(sampleOf(text))).toEqual({
    customer_id: '(masked number)',
    phone: '(masked number)',
    vin: '(masked array)',
    email: '(masked object)',
  })
})

test('no address gets through, wherever it stands in an event', () => {
  const address = 'max.mustermann@example.com'
  const property = fc.property(
    fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }),
    fc.string(),
    (path, before) => {
      const value = path.reduceRight<unknown>(
        (inner, name) => Object.fromEntries([[name, inner]]),
        { note: `${before} ${address}` },
      )
      expect(sampleOf(JSON.stringify(value))).not.toContain(address)
    },
  )
  fc.assert(property)
})

test.each([
  ['not JSON: Max Mustermann', '(24 characters that are not a JSON object)'],
  ['"Max Mustermann"', '(16 characters that are not a JSON object)'],
  ['', '(empty)'],
])('%j is not shown', (text, shown) => {
  expect(sampleOf(text)).toBe(shown)
})

test('bytes that are not text, and what was too large to keep, are told of', () => {
  expect(maskedSample(Buffer.from([0xff, 0xfe]))).toBe('(2 bytes that are not text)')
  expect(maskedSample(null)).toBe('(too large to show)')
})

test('an event with a key twice, or very long, is shown as far as it goes', () => {
  expect(sampleOf('{"a":1,"a":2}')).toContain('"a": 2')
  expect(sampleOf(JSON.stringify({ a: 'x'.repeat(9_000) })).length).toBeLessThan(2_100)
})

test('text of a partner stays text in Markdown', () => {
  const text = asMarkdown(report({ received: '`|<b>', orderId: 'A`1|', event: '```\n# title' }))
  expect(text).toContain("This came: `'¦<b>`.")
  expect(text).toContain("order `A'1¦`")
  expect(text).toContain('````json\n```\n# title\n````')
  expect(text).toContain('**3** of 4,000 events received (< 0.1 %) broke the contract')
})

test('a formula stays text in a spreadsheet', () => {
  expect(asCsv(report({ received: '=HYPERLINK("http://x")' }))).toContain(`"'=HYPERLINK(`)
})

test('nothing rejected is a report, too', () => {
  const none = { ...report(), rejected: 0, reasons: [] }
  expect(asMarkdown(none)).toContain('Nothing was rejected.')
  expect(asCsv(none)).toMatch(/^partner_id,reason,/)
})

test('the report says which purchases were not meant for Google Ads, and what was left out of them', () => {
  const rows = [
    { reason: 'no_usable_identifier', omitted: null, purchases: 412 },
    { reason: 'no_usable_identifier', omitted: 'phone_unparseable', purchases: 400 },
    { reason: 'consent_denied', omitted: null, purchases: 1 },
    { reason: 'no_usable_identifier', omitted: 'gclid_template', purchases: 2 },
  ]
  const text = asMarkdown({ ...report(), notForGoogleAds: excludedPurchases(rows) })
  expect(text).toContain(
    '- 412 purchases of dealer-7 without a usable identifier: `phone_unparseable` (400), `gclid_template` (2)\n- 1 purchase of dealer-7 without consent to advertising',
  )
  expect(asMarkdown(report())).not.toContain('Google Ads')
})

test('corrections and lookalikes are told, with the advice to send event ids, and only where there are any', () => {
  const text = asMarkdown({ ...report(), corrections: 2, lookalikes: 1234 })
  expect(text).toContain('**2** events were corrections')
  expect(text).toContain('**1,234** events without an `event_id`')
  expect(text).toContain('Send an `event_id` with every event')
  expect(asMarkdown(report())).not.toMatch(/corrections|Send an `event_id`/)
  const [head = '', row = ''] = asCsv({ ...report(), corrections: 2, lookalikes: 1234 }).split(
    /\r?\n/,
  )
  expect(head).toMatch(/,corrections_in_period,lookalikes_in_period$/)
  expect(row).toMatch(/,2,1234$/)
})
