// A partner id that is an e-mail address or a telephone number never stands where Temporal keeps it in clear.

import { expect, test } from '@jest/globals'
import {
  type DeadLetter,
  deadLetterId,
  describeDeadLetter,
  describePartners,
  isPersonalPartner,
  printablePartner,
  publicPartner,
} from '#contracts'
import { deadLetterAttributes } from '#contracts/dead-letter/search-attributes'
import { wordsOf } from '../../../activities/open-dead-letters.ts'
import { alertText } from '../../../activities/sweep/alert-text.ts'

const PERSONAL = [
  'jane.doe@example.com',
  'Jane Doe <jane.doe@example.com>',
  'mailto:jane.doe@example.com',
  'jane.doe%40example.com',
  'jane.doe\uff20example.com',
  '+49 171 2345678',
  '+491712345678',
  '%2B491712345678',
  '\uff0b49 171 2345678',
  '00491712345678',
  '0171 2345678',
  '01712345678',
  '0171/234-5678',
  '(555) 123-4567',
  '555.123.4567',
  '555 1234567',
  '555)1234567',
  '555-1234567',
  '(5551234567',
  ' 01712345678 ',
  '0171 234',
  '0171 2345678901234',
]

test.each(PERSONAL)('%s is hidden, by the same stand-in every time', (id) => {
  expect(isPersonalPartner(id)).toBe(true)
  expect(publicPartner(id)).toMatch(/^hidden-[0-9a-f]{8}$/)
  expect(publicPartner(id)).toBe(publicPartner(id))
  expect(publicPartner(id)).not.toBe(publicPartner(`${id}1`))
  expect(printablePartner(id)).toBe('hidden')
})

test.each([
  'dealer-7',
  'unknown',
  'Autohaus Müller & Söhne',
  '@dealer',
  'a+b',
  '4711',
  '1234567890',
  '0000123456',
  '4012345000009',
  'v1.2.3',
  'dealer-2026-11',
  'dealer 0171 2345678',
  '0171 2345678 dealer',
  '0171 23',
  '0171 23456789012345',
])('%s is a partner id like any other', (id) => {
  expect(publicPartner(id)).toBe(id)
})

const letterOf = (partnerId: string, of: Partial<DeadLetter> = {}): DeadLetter => ({
  batchId: 'batch-1',
  partnerId,
  stage: 'validation',
  part: 0,
  events: [
    {
      messageId: 'm1',
      publishTime: '2026-11-20T10:00:00Z',
      attributes: {},
      data: null,
      eventType: null,
      eventId: null,
      orderId: null,
      faults: [{ reason: 'not_json', path: '', expected: 'x', received: 'y' }],
    },
  ],
  ...of,
})

/** What Temporal keeps in clear of it, and what people are told. */
function told(letter: DeadLetter): string {
  const id = deadLetterId(wordsOf(letter))
  const { partnerId } = letter
  const count = { partnerId, reasons: ['not_json'], events: 10, oldest: '2026-11-20T10:00:00Z' }
  const attributes = deadLetterAttributes(letter).map(({ value }) => value)
  const alert = alertText([count], 1)
  return JSON.stringify([id, attributes, describeDeadLetter(letter, id), alert])
}

/** What of it would still be read after all that is not plain was taken out. */
const traces = (id: string) => id.split(/[^A-Za-z0-9]+/).filter((word) => word.length > 3)

test.each(PERSONAL)('a dead letter of %s tells it nowhere, with its words or without', (id) => {
  for (const letter of [letterOf(id), letterOf(id, { whose: describePartners([id]) })])
    for (const trace of traces(id)) expect(told(letter)).not.toContain(trace)
})

test('a search attribute that is cut has no half of a surrogate pair', () => {
  for (const long of ['😀'.repeat(200), `${'x'.repeat(254)}😀`]) {
    const [partner] = deadLetterAttributes(letterOf(long))
    expect(String(partner?.value).isWellFormed()).toBe(true)
  }
})

test('the search attribute and the workflow id have the same stand-in', () => {
  const id = 'jane.doe@example.com'
  const stand = publicPartner(id)
  expect(deadLetterAttributes(letterOf(id))[0]?.value).toBe(stand)
  expect(deadLetterId(wordsOf(letterOf(id)))).toBe(`dead-letter/batch-1/${stand}/validation`)
})

test('one that several share has a name of its own, and tells none of theirs that is personal', () => {
  const [event] = letterOf('x').events
  if (!event) throw new Error('it has an event')
  const ids = [...PERSONAL, 'dealer-7']
  const events = ids.map((partnerId) => ({ ...event, partnerId }))
  const letter = letterOf('(several)', { events, whose: describePartners(ids) })
  expect(deadLetterAttributes(letter)[0]?.value).toBe('(several)')
  const text = told(letter)
  expect(text).toContain('/several-')
  expect(text).toContain('--query partner=')
  for (const trace of PERSONAL.flatMap(traces)) expect(text).not.toContain(trace)
})

test('however many reasons, the search attribute Reason stays small', () => {
  const [event] = letterOf('x').events
  if (!event) throw new Error('it has an event')
  const faults = Array.from({ length: 200 }, (_, i) => ({
    reason: `reason_that_is_rather_long_${i}`,
    path: '',
    expected: '',
    received: '',
  }))
  const often = { ...event, faults: faults.slice(180) }
  const letter = letterOf('x', { events: [{ ...event, faults }, often] })
  const reasons = deadLetterAttributes(letter).find(({ key }) => key.name === 'Reason')?.value
  expect(Buffer.byteLength(JSON.stringify(reasons))).toBeLessThan(2_000)
  expect(reasons).toContain('reason_that_is_rather_long_199')
  expect(reasons).toContain('(more)')
})
