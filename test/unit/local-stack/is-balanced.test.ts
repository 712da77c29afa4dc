// A ledger balances when every message is accounted for once, at whatever stage it left the way.

import { expect, test } from '@jest/globals'
import { isBalanced, type Ledger } from '../../../deploy/local/demo/ledger.ts'

type Counts = Partial<Ledger> & { readonly byStage?: Partial<Ledger['deadLetters']['byStage']> }

/** Ten messages: a duplicate, a rejected one, eight accepted, of which one is held back. */
function ledger({ byStage, ...counts }: Counts = {}): Ledger {
  return {
    published: 10,
    received: 9,
    accepted: 8,
    rejected: 1,
    duplicates: 1,
    corrections: 0,
    lookalikes: 0,
    inFlight: 0,
    unaccounted: 0,
    audited: 10,
    staged: { purchase: 5, cancellation: 3 },
    redriven: 0,
    activated: 7,
    notActivated: 1,
    waiting: 0,
    calls: { recorded: 0, accepted: 0 },
    deadLetters: {
      workflows: 1,
      events: 1,
      open: 1,
      byStage: { validation: 1, staging: 0, activation: 0, ...byStage },
    },
    batches: 1,
    failedBatches: 0,
    latencyMs: { p50: 1, p99: 2 },
    ...counts,
  }
}

const stagedBut = { staged: { purchase: 4, cancellation: 3 } }

test.each<[string, Counts]>([
  ['everything went through', {}],
  [
    'the rejected message was corrected and redriven',
    { redriven: 1, staged: { purchase: 6, cancellation: 3 }, activated: 8 },
  ],
  ['a partner corrected two events', { published: 12, corrections: 2, audited: 12 }],
  ['a cancellation waits for its purchase', { activated: 6, waiting: 1 }],
  ['one call was about two events', { calls: { recorded: 6, accepted: 6 } }],
  ['Segment refused a call', { activated: 6, byStage: { activation: 1 } }],
  ['BigQuery refused a row', { ...stagedBut, activated: 6, byStage: { staging: 1 } }],
  ['both refused one', { ...stagedBut, activated: 5, byStage: { staging: 1, activation: 1 } }],
])('balanced: %s', (_name, counts) => {
  expect(isBalanced(ledger(counts))).toBe(true)
})

test.each<[string, Counts]>([
  ['Segment has a call that is not recorded', { calls: { recorded: 6, accepted: 7 } }],
  ['Segment has no call that is recorded', { calls: { recorded: 7, accepted: 6 } }],
  ['a message was never audited', { published: 11 }],
  ['a message was neither accepted nor rejected', { published: 11, received: 10 }],
  ['a rejected message is in no dead letter', { byStage: { validation: 0 } }],
  ['a dead letter of another stage stands in for it', { byStage: { validation: 0, staging: 1 } }],
  ['a dead letter holds what was not rejected', { byStage: { validation: 2 } }],
  ['an accepted event is in no table', { ...stagedBut }],
  ['an event is in its table and in a dead letter of staging', { byStage: { staging: 1 } }],
  ['an event never came to Segment', { activated: 6 }],
  ['an event is at Segment and in a dead letter of activation', { byStage: { activation: 1 } }],
  ['a redriven event is in no table', { redriven: 1, activated: 8 }],
  ['a row is staged that nothing was redriven for', { staged: { purchase: 6, cancellation: 3 } }],
  ['a batch is on its way', { inFlight: 1 }],
  ['a message is unaccounted for', { unaccounted: 1 }],
  ['a batch failed', { failedBatches: 1 }],
])('not balanced: %s', (_name, counts) => {
  expect(isBalanced(ledger(counts))).toBe(false)
})
