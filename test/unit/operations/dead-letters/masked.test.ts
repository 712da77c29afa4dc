// What the commands show of events is masked by pattern too, in rows that older versions wrote as well.

import { expect, test } from '@jest/globals'
import { shownEvent } from '#operations/dead-letters/masked'
import { maskedSample } from '#operations/partner-report/masked-sample'
import { violation, violations } from '#warehouse/sql/violations'
import { purchase } from '../../../fixtures/messages.ts'
import { storedEvent } from '../../../support/stored-event.ts'

const person = {
  first_name: 'Mustermann',
  kunde: { vorname: 'Mustermann' },
  list: [{ taxId: 'Mustermann' }],
  note: JSON.stringify({ birth_date: 'Mustermann' }),
  car_name: 'Golf',
}
const base64 = Buffer.from(JSON.stringify(person)).toString('base64')

test('an event of `dlq show` shows nothing personal, unless it is asked for', () => {
  const event = storedEvent({
    order_id: 'mustermann@example.com',
    attributes: { trace: base64, last_name: 'Mustermann', region: 'EU' },
    data: Buffer.from(JSON.stringify({ ...purchase, ...person })),
  })
  const shown = JSON.stringify(shownEvent(event, false))
  expect(shown).not.toMatch(/mustermann/i)
  expect(shown).not.toContain(base64)
  expect(shown).toContain('SUV')
  expect(shown).toContain('Golf')
  expect(shown).toContain('"region":"EU"')
  expect(JSON.stringify(shownEvent(event, true))).toContain('Mustermann')
})

test('a sample of a report shows nothing personal, and is cut before it is masked', () => {
  const sample = maskedSample(Buffer.from(JSON.stringify({ ...purchase, ...person, base64 })))
  expect(sample).not.toMatch(/mustermann/i)
  expect(sample).toContain('"car_name": "Golf"')
  const long = maskedSample(
    Buffer.from(JSON.stringify({ filler: 'x '.repeat(400_000), ...person })),
  )
  expect(long.length).toBeLessThanOrEqual(2_001)
  expect(long).not.toMatch(/mustermann/i)
})

test('a violation that an older version recorded with a name is shown without it', () => {
  const about = { reason: 'x', expected: 'y' }
  const old = { ...about, path: 'buyer.first_name', received: '"Mustermann"' }
  const recent = {
    ...about,
    path: 'email',
    received: 'a value of type number (personal, not shown)',
  }
  const plain = { ...about, path: 'amount', received: '"abc"' }
  expect(violations.parse(JSON.stringify([old, recent, plain]))).toEqual([
    { ...old, received: 'a value (personal, not shown)' },
    recent,
    plain,
  ])
  expect(violation.parse({ ...about, path: 'email', received: 'nothing' }).received).toBe('nothing')
})
