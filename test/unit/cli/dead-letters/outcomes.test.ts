// What a person reads after a redrive or a discard: what happened, to how much, and what is open.

import { expect, jest, test } from '@jest/globals'
import type { Outcome } from '#operations/dead-letters/outcome'
import type { ResolutionReport } from '#operations/dead-letters/resolve'
import { printOutcomes } from '../../../../cli/dead-letters/outcomes.ts'

const closed = { id: 'dead-letter/b/p-1/validation', outcome: 'closed', events: 3 } as const
const result: ResolutionReport = {
  action: 'redrive',
  selected: 1,
  closedBefore: [],
  doneBefore: 0,
  ended: 'finished',
  underWay: 0,
  outcomes: [{ ...closed, failed: [] }],
}

/** What sets the kinds of outcomes apart. */
type Distributed<T> = T extends unknown ? Omit<T, 'id' | 'events' | 'failed'> : never

function printed(of: ResolutionReport, json = false): { code: number; text: string } {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  const code = printOutcomes(of, json)
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join('')
  write.mockRestore()
  return { code, text }
}

test('a redrive says how many are done and how many failed again', () => {
  expect(printed(result)).toEqual({
    code: 0,
    text: '3 events of 1 dead letter redriven: 3 done, 0 failed again.\n',
  })
})

test('a discard says that its events are closed and kept', () => {
  expect(printed({ ...result, action: 'discard' }).text).toBe(
    '3 events of 1 dead letter discarded: closed, and kept in the tables.\n',
  )
})

test('where all of it was closed before, it says that nothing was done', () => {
  const { code, text } = printed({ ...result, outcomes: [], closedBefore: [closed.id] })
  expect(code).toBe(0)
  expect(text).toMatch(
    /^Nothing was redriven\.\n[0-9a-f]{8}: closed before; nothing was changed\.\n$/,
  )
})

test.each([
  ['closes all of the others', 2, 0],
  ['leaves one open', 3, 1],
])('where one was closed before, a redrive that %s', (_what, selected, expected) => {
  expect(printed({ ...result, selected, closedBefore: ['dead-letter/b/p-2/staging'] }).code).toBe(
    expected,
  )
})

test('events of a file that were done before are counted', () => {
  expect(printed({ ...result, doneBefore: 2 })).toEqual({
    code: 0,
    text: expect.stringMatching(/0 failed again\.\n2 events of the file were done before\.\n$/),
  })
})

test.each([
  [0, 'Nothing was redriven.\nStopped. The same command'],
  [1, 'Nothing was redriven yet.\nStopped. 1 run under way continues by itself. The same command'],
  [
    2,
    'Nothing was redriven yet.\nStopped. 2 runs under way continue by themselves. The same command',
  ],
])('stopped with %d runs under way, it says that they continue', (underWay, words) => {
  const { code, text } = printed({ ...result, outcomes: [], ended: 'interrupted', underWay })
  expect(code).toBe(130)
  expect(text).toBe(`${words} continues with what is open.\n`)
})

test('what failed again is named, with why and what is next', () => {
  const summary = '1 of 3 events of p failed again in redrive 1 by ann: rejected for not_json (1)'
  const failed = { ...closed, outcome: 'failed', failed: ['m1'], summary } as const
  const { code, text } = printed({ ...result, outcomes: [failed] })
  expect(code).toBe(1)
  expect(text).toMatch(
    /^3 events of 1 dead letter redriven: 2 done, 1 failed again\.\n([0-9a-f]{8}): 1 of 3 events of p .*\nWhat failed again is open\. .* show \1\n$/,
  )
})

test('where nothing matches, it says so', () => {
  const { code, text } = printed({ ...result, selected: 0, outcomes: [] })
  expect([code, text]).toEqual([
    0,
    expect.stringMatching(/^Nothing was redriven: no open dead letters match\./),
  ])
})

test.each<[string, Distributed<Outcome>, RegExp]>([
  [
    'busy',
    { outcome: 'busy' },
    /another redrive or discard of it is under way; nothing was changed/,
  ],
  [
    'closed meanwhile',
    { outcome: 'gone', isClosed: true },
    /it was closed before; nothing was changed/,
  ],
  [
    'resolved meanwhile',
    { outcome: 'gone', isClosed: false },
    /somebody else resolved it a moment ago; nothing was changed\. .* dlq -- show [0-9a-f]{8}/,
  ],
  [
    'broken',
    { outcome: 'broken', why: 'terminated' },
    /its run ended before it was done, so it is open as before: terminated\. Fix that/,
  ],
  [
    'refused',
    {
      outcome: 'refused',
      refusal: { code: 'bytes_missing', details: { letter: 'd', messageId: 'm9' } },
    },
    /the bytes of message m9 are neither in/,
  ],
])('one that is %s is left open, and says why', (_what, kind, words) => {
  const one: Outcome = { id: closed.id, events: 3, failed: [], ...kind }
  const { code, text } = printed({ ...result, outcomes: [one] })
  expect([code, text]).toEqual([1, expect.stringMatching(words)])
  const json = JSON.parse(printed({ ...result, outcomes: [one] }, true).text)
  expect(json).toMatchObject({ closed: 0, failed_again: 0, events: 0 })
  expect(json.outcomes).toEqual([
    {
      short_id: expect.stringMatching(/^[0-9a-f]{8}$/),
      id: closed.id,
      outcome: kind.outcome,
      events: 3,
      failed: [],
      message: expect.stringMatching(words),
    },
  ])
})
