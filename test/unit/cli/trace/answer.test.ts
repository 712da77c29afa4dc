// "Where is my order?" in one sentence, for every state an order can be in.

import { expect, test } from '@jest/globals'
import type { Rows } from '#operations/trace/rows'
import type { Run } from '#operations/trace/runs'
import { answerOf } from '../../../../cli/trace/answer.ts'
import {
  activated,
  audited,
  dead,
  facts,
  handled,
  LETTER,
  run,
  staged,
  timeAt,
} from '../../operations/trace/rows.ts'

const rejected = audited({ decision: 'rejected', reasons: ['amount_not_a_number'] })
const failedAgain = dead({ attempt: 1, reasons: ['timestamp_too_old'] })
const atActivation = { stage: 'activation', reasons: ['segment_refused'] }
const pending = (step: string, lastFailure: string | null) => ({
  step,
  attempt: 7,
  lastFailure,
  nextAttemptAt: null,
})

const CASES: [says: string, rows: Partial<Rows>, runs?: readonly Run[]][] = [
  [
    'purchase staged 2.0 s after it was published, accepted by Segment.',
    { audited: [audited()], staged: [staged()], activated: [activated()] },
  ],
  [
    'purchase staged 2.0 s after it was published, 2 versions, of which the views show that of message m2, accepted by Segment.',
    {
      staged: [
        staged(),
        staged({ message_id: 'm2', publish_time: timeAt(1), content_hash: 'h2' }),
        staged({ message_id: 'm1', publish_time: timeAt(0), ingested_at: timeAt(9) }),
      ],
      activated: [activated()],
    },
  ],
  [
    'purchase staged 2.0 s after it was published, held back from Segment: outside_ads_window.',
    {
      staged: [staged()],
      activated: [activated({ outcome: 'not_activated', reason: 'outside_ads_window' })],
    },
  ],
  [
    "purchase staged 2.0 s after it was published, Segment's answer is not recorded: waiting for Segment, attempt 7; the one before failed: answered 503.",
    { audited: [audited()], staged: [staged()] },
    [run({ status: 'RUNNING', pending: [pending('activateEvents', 'answered 503')] })],
  ],
  [
    `purchase staged 2.0 s after it was published, not activated: segment_refused; open dead letter: npm run dlq -- show ${LETTER}`,
    {
      staged: [staged()],
      activated: [activated({ outcome: 'failed', reason: 'segment_refused' })],
      dead: [dead(atActivation)],
    },
  ],
  [
    `purchase rejected: amount_not_a_number; open dead letter: npm run dlq -- show ${LETTER}`,
    { audited: [rejected], dead: [dead()] },
  ],
  [
    `purchase rejected (again, in redrive 1): timestamp_too_old; open dead letter: npm run dlq -- show ${LETTER}`,
    { audited: [rejected], dead: [dead(), failedAgain], handled: [handled({ outcome: 'failed' })] },
  ],
  [
    'purchase rejected: amount_not_a_number; discarded by anna (amount corrected).',
    { audited: [rejected], dead: [dead()], handled: [handled({ action: 'discard' })] },
  ],
  [
    'purchase staged by a redrive of anna 1 min 2 s after it was published, accepted by Segment.',
    {
      audited: [rejected],
      dead: [dead()],
      handled: [handled()],
      staged: [staged({ batch_id: LETTER, ingested_at: timeAt(62) })],
      activated: [activated({ batch_id: LETTER, ingested_at: timeAt(63) })],
    },
  ],
  [
    `purchase stopped: batch_terminated; open dead letter: npm run dlq -- show ${LETTER}`,
    { audited: [audited()], dead: [dead({ reasons: ['batch_terminated'] })] },
  ],
  [
    'purchase accepted, not staged yet: waiting for BigQuery, attempt 7; the one before failed: answered 503.',
    { audited: [audited()] },
    [run({ status: 'RUNNING', pending: [pending('stageEvents', 'answered 503')] })],
  ],
  [
    'purchase accepted, not staged yet: its batch ended with TERMINATED.',
    { audited: [audited()] },
    [run({ status: 'TERMINATED' })],
  ],
  [
    'purchase accepted, not staged yet, and Temporal no longer has its batch.',
    { audited: [audited()] },
    [{ workflowId: 'batch-1', isKnown: false }],
  ],
  [
    'purchase rejected: amount_not_a_number; its dead letter is closed.',
    { audited: [rejected], dead: [dead()] },
    [run({ workflowId: LETTER, status: 'COMPLETED' })],
  ],
  ['nothing of it could be read.', {}],
]

test.each(CASES.map(([says, rows, runs = []]) => ({ says, rows, runs })))(
  '$says',
  ({ says, rows, runs }) => {
    expect(answerOf(facts(rows, runs))).toBe(`Order A001 of dealer-7: ${says}`)
  },
)

test('the events of an order are told in the order they were published, many of them cut short', () => {
  const published = (n: number) => ({
    message_id: `m${n}`,
    event_id: `e${n}`,
    publish_time: timeAt(n),
  })
  const two = facts({
    staged: [staged({ ...published(5), type: 'cancellation' }), staged(published(1))],
  })
  expect(answerOf(two)).toMatch(/^Order A001 of dealer-7: purchase staged .*; cancellation staged/)
  const many = facts({ audited: Array.from({ length: 9 }, (_, n) => audited(published(n))) })
  expect(answerOf(many)).toContain('; 5 more events or messages, see below')
})

test('a message that came twice is one event', () => {
  const twice = facts({
    audited: [audited(), audited({ message_id: 'm2' })],
    staged: [staged(), staged({ message_id: 'm2' })],
    activated: [activated()],
  })
  expect(answerOf(twice)).toBe(
    'Order A001 of dealer-7: purchase staged 2.0 s after it was published, accepted by Segment.',
  )
})

const waitingOn = (...steps: Parameters<typeof pending>[]) =>
  answerOf(
    facts({ audited: [audited()] }, [
      run({ status: 'RUNNING', pending: steps.map((step) => pending(...step)) }),
    ]),
  )

test.each([
  ['activateEvents', 'waiting for Segment'],
  ['stageEvents', 'waiting for BigQuery'],
  ['writeAuditLog', 'waiting for BigQuery'],
  ['writeLedger', 'waiting for BigQuery'],
  ['recordDeadLetter', 'waiting for BigQuery'],
  ['openDeadLetters', 'waiting for Temporal'],
  ['publishOrderChanges', 'waiting for Pub/Sub'],
  ['validateEvents', 'busy with validateEvents'],
])('a batch at the step %s is %s', (step, words) => {
  expect(waitingOn([step, null])).toContain(`not staged yet: ${words}, attempt 7.`)
})

test('of several steps the one that failed is told, else the first', () => {
  expect(waitingOn(['stageEvents', null], ['openDeadLetters', 'away'])).toContain(
    'waiting for Temporal, attempt 7; the one before failed: away',
  )
  expect(waitingOn(['stageEvents', null], ['openDeadLetters', null])).toContain('for BigQuery')
  expect(waitingOn()).toContain('not staged yet: its batch is running.')
})

test.each([
  ['redrive', 'redriven by anna (amount corrected)'],
  ['discard', 'discarded by anna (amount corrected)'],
  ['republish', 'published again by anna (amount corrected)'],
])('a dead letter that was closed by a %s was %s', (action, words) => {
  const rows = { audited: [rejected], dead: [dead()], handled: [handled({ action })] }
  expect(answerOf(facts(rows))).toContain(words)
})

test('a message without an order is named by its ids, and a stage of a later version by itself', () => {
  const { subject, ...rest } = facts({ dead: [dead({ stage: 'later', type: null })] })
  const of = { ...subject, orderId: null, messageIds: ['m1', 'm2'] }
  expect(answerOf({ ...rest, subject: of })).toMatch(
    /^Message m1, m2 of dealer-7: message failed at later: amount_not_a_number;/,
  )
})
