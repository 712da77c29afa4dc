// What a person reads after a redrive or a discard: what happened, to how much, and what is open.

import { expect, jest, test } from '@jest/globals'
import { type Result, reportOutcomes } from '../../../../cli/dead-letters/outcomes.ts'

const closed = { id: 'dead-letter/b/p-1/validation', outcome: 'closed', events: 3 } as const
const result: Result = {
  action: 'redrive',
  wanted: 1,
  closedBefore: [],
  doneBefore: 0,
  ended: 'finished',
  underWay: 0,
  outcomes: [{ ...closed, failed: [], message: null }],
}

function printed(of: Result): { code: number; text: string } {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  const code = reportOutcomes(of)
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
  const { text } = printed({ ...result, outcomes: [], closedBefore: [closed.id] })
  expect(text).toMatch(
    /^Nothing was redriven\.\n[0-9a-f]{8}: closed before; nothing was changed\.\n$/,
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
  [1, 'Nothing was redriven yet.\nStopped. 1 run under way goes on by itself. The same command'],
  [2, 'Nothing was redriven yet.\nStopped. 2 runs under way go on by themselves. The same command'],
])('stopped with %d runs under way, it says that they go on', (underWay, words) => {
  const { code, text } = printed({ ...result, outcomes: [], ended: 'interrupted', underWay })
  expect(code).toBe(130)
  expect(text).toBe(`${words} goes on with what is open.\n`)
})

test('what failed again is named, with why and what is next', () => {
  const message = '1 of 3 events of p failed again in redrive 1 by ann: rejected for not_json (1)'
  const failed = { ...closed, outcome: 'failed', failed: ['m1'], message } as const
  const { code, text } = printed({ ...result, outcomes: [failed] })
  expect(code).toBe(1)
  expect(text).toMatch(
    /^3 events of 1 dead letter redriven: 2 done, 1 failed again\.\n([0-9a-f]{8}): 1 of 3 events of p .*\nWhat failed again is open\. .* show \1\n$/,
  )
})

test('where nothing is as asked for, it says so', () => {
  const { code, text } = printed({ ...result, wanted: 0, outcomes: [] })
  expect([code, text]).toEqual([0, expect.stringMatching(/^Nothing was redriven: no open dead/)])
})
