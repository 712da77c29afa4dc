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

const WHOLE: Report = {
  ...report(),
  received: 40,
  rejected: 10,
  corrected: 5,
  waiting: 3,
  corrections: 6,
  lookalikes: 7,
}

test('a report says the period, the share, and what became of what was rejected', () => {
  const text = asMarkdown(WHOLE)
  expect(text).toMatch(
    /^# Rejected events: dealer-7\n\nPublished from 2026-11-20 10:00 to 2026-11-21 10:00 UTC\.\n\n/,
  )
  expect(text).toContain(
    '**10** of 40 events received (25.0 %) broke the contract. They were kept. Corrected since: **5**. Still to be corrected: **3**. Closed uncorrected: **2**. Only what was corrected is taken for orders.',
  )
  const [since, until] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-12-01T00:00:00Z')]
  expect(asMarkdown({ ...WHOLE, since, until })).toContain(
    'Published from 2026-11-01 00:00 to 2026-12-01 00:00 UTC.',
  )
  expect(asMarkdown({ ...WHOLE, firstSeen: null, lastSeen: null })).toContain(
    'Published at any time.',
  )
})

test('a report of what is open says so, without Google Ads', () => {
  const notForGoogleAds = [{ reason: 'too_old', purchases: 1, omitted: [] }]
  const text = asMarkdown({ ...WHOLE, open: true, notForGoogleAds })
  expect(text).toMatch(/^# Events to be corrected: dealer-7\n/)
  expect(text).toContain('broke the contract and still wait to be corrected')
  expect(text).not.toContain('Google Ads')
  expect(asMarkdown({ ...WHOLE, open: true, reasons: [] })).toContain(
    'Nothing waits to be corrected.',
  )
})

test('a reason has a line in the table, a section with its sample, and the report how to fix it', () => {
  const [reason] = WHOLE.reasons
  if (!reason) throw new Error('there is a reason')
  const of = { ...reason, reason: 'empty', events: 1_234, open: 2, share: 0.3 }
  const text = asMarkdown({ ...WHOLE, reasons: [of] })
  expect(
    text,
  ).toContain(`| reason | events | still open | share | first (UTC) | last (UTC) | what the contract expects |
| :-- | --: | --: | --: | :-- | :-- | :-- |
| \`empty\` | 1,234 | 2 | 30.0 % | 2026-11-20 10:00 | 2026-11-21 10:00 | a JSON number above zero |`)
  expect(text).toContain('\n\n## empty\n\n')
  expect(text).toContain(
    'The contract expects at `amount`: a JSON number above zero. This came: `"x"`.',
  )
  expect(text).toContain(
    'The newest sample (message `m1`, order `A001`, published 2026-11-21 10:00 UTC), personal data masked:',
  )
  expect(text).toContain('## How to fix\n\n1. Correct the fields named above')
  expect(text).toContain('2. Publish what has not been corrected yet again, as new messages')
  expect(asMarkdown({ ...WHOLE, corrected: 10 })).toContain('2. Nothing has to be published again')
  const plain = asMarkdown(report({ path: '', orderId: null, received: '' }))
  expect(plain).toContain('The contract expects: a JSON number above zero.\n')
  expect(plain).toContain('(message `m1`, published')
})

test('each column of the CSV has what its name says', () => {
  const [reason] = WHOLE.reasons
  if (!reason) throw new Error('there is a reason')
  const of = { ...reason, events: 9, open: 8, share: 0.12345 }
  const [head = '', row = ''] = asCsv({ ...WHOLE, reasons: [of] }).split(/\r?\n/)
  const cells = row.replace('"""x"""', 'x').split(',')
  expect(Object.fromEntries(head.split(',').map((name, at) => [name, cells[at]]))).toEqual({
    partner_id: 'dealer-7',
    reason: 'amount_not_a_number',
    events: '9',
    still_open: '8',
    share_of_rejected: expect.stringMatching(/^0\.123[45]$/),
    first_seen: '2026-11-20T10:00:00.000Z',
    last_seen: '2026-11-21T10:00:00.000Z',
    contract_expects: 'a JSON number above zero',
    path: 'amount',
    received_value: 'x',
    sample_message_id: 'm1',
    sample_order_id: 'A001',
    sample: '{}',
    received_in_period: '40',
    rejected_in_period: '10',
    corrected_since: '5',
    open_in_period: '3',
    corrections_in_period: '6',
    lookalikes_in_period: '7',
  })
})

test.each([
  [10_000, 1, '< 0.1 %'],
  [1_000, 1, '0.1 %'],
  [1, 1, '100.0 %'],
  [1, 2, '100.0 %'],
])('of %d received events %d rejected are %s', (received, rejected, share) => {
  expect(asMarkdown({ ...report(), received, rejected })).toContain(`received (${share}) broke`)
})

test('without a received event there is no share', () => {
  expect(asMarkdown({ ...report(), received: 0 })).toContain('of 0 events received broke')
})

test.each([
  ['too_old', 'older than Google Ads takes'],
  ['consent_denied', 'without consent to advertising'],
  ['no_usable_identifier', 'without a usable identifier'],
  ['later_reason', 'held back: `later_reason`'],
])('purchases that were not meant for Google Ads are told: %s', (reason, words) => {
  const notForGoogleAds = [{ reason, purchases: 2, omitted: [] }]
  expect(asMarkdown({ ...report(), notForGoogleAds })).toContain(
    `- 2 purchases of dealer-7 ${words}`,
  )
})
