// The ids of workflows, which runs, tables and people refer to: none may change, and each says whose it is.

import { describe, expect, test } from '@jest/globals'
import {
  activationQueue,
  governorId,
  printablePartner,
  SWEEP_SCHEDULE,
  TASK_QUEUE,
} from '#contracts/names'
import {
  deadLetterId,
  endedDeadLetterId,
  eraseId,
  isDeadLetterId,
  isEndedDeadLetterId,
  isLaterId,
  laterId,
  runOf,
} from '#contracts/workflow-ids'

const BATCH = 'batch-0123456789abcdef0123456789abcdef'
const letter = (part: number) => ({
  batchId: BATCH,
  partnerId: 'dealer-7',
  stage: 'staging' as const,
  digest: '1a2b3c4d',
  part,
})
const OPENED = `dead-letter/${BATCH}/dealer-7-1a2b3c4d/staging`

test('a dead letter has the id of its batch, partner and stage, and of its split after the first', () => {
  expect(deadLetterId(letter(0))).toBe(OPENED)
  expect(deadLetterId(letter(1))).toBe(`${OPENED}/1`)
  expect(deadLetterId(letter(12))).toBe(`${OPENED}/12`)
})

test('that of a batch that ended early has another one, which tells it', () => {
  expect(endedDeadLetterId(letter(0))).toBe(`${OPENED}/ended`)
  expect(endedDeadLetterId(letter(1))).toBe(`${OPENED}/ended/1`)
  for (const part of [0, 1, 12]) {
    expect(isEndedDeadLetterId(endedDeadLetterId(letter(part)))).toBe(true)
    expect(isEndedDeadLetterId(deadLetterId(letter(part)))).toBe(false)
    expect(isDeadLetterId(endedDeadLetterId(letter(part)))).toBe(true)
  }
  expect(isEndedDeadLetterId(`${OPENED}/ended/1/later-ab`)).toBe(false)
})

describe('events that wait belong to the run that handed them over', () => {
  test.each([
    ['a batch', BATCH, `${BATCH}/later-0a9f`],
    ['a part of a batch that was split', BATCH, `${BATCH}/1/later-0a9f`],
    ['a later part', BATCH, `${BATCH}/12/later-0a9f`],
    ['a redrive', OPENED, `${OPENED}/later-0a9f`],
  ])('%s', (_, run, id) => {
    expect(runOf(id)).toBe(run)
    expect(isLaterId(id)).toBe(true)
  })

  test.each([BATCH, `${BATCH}/1`, OPENED, `${OPENED}/1`, `${BATCH}/later-0a9f/1`])(
    '%s is the id of no such events',
    (id) => {
      expect(runOf(id)).toBe(id)
      expect(isLaterId(id)).toBe(false)
    },
  )

  test('their id is made of both', () => {
    expect(laterId(BATCH, '0a9f')).toBe(`${BATCH}/later-0a9f`)
  })
})

test.each([BATCH, `x/${OPENED}`, 'dead-letter-sweep', `${BATCH}/dead-letter/`])(
  '%s is the id of no dead letter',
  (id) => {
    expect(isDeadLetterId(id)).toBe(false)
  },
)

test('names that people use in Temporal are those of the documents', () => {
  expect(TASK_QUEUE).toBe('events')
  expect(SWEEP_SCHEDULE).toBe('dead-letter-sweep')
  expect(activationQueue('events')).toBe('events-activation')
  expect(governorId('events')).toBe('governor/events-activation')
  expect(eraseId('0a9f')).toBe('erase/0a9f')
})

test('a partner in an id has 120 plain characters at most, so that the id fits in 255', () => {
  expect(printablePartner('Dealer_7.a-b/c ü')).toBe('Dealer_7.a-b_c__')
  expect(printablePartner('d'.repeat(256))).toBe('d'.repeat(120))
  const id = endedDeadLetterId({ ...letter(999), partnerId: 'd'.repeat(256), stage: 'activation' })
  expect(id.length).toBeLessThanOrEqual(255)
})
