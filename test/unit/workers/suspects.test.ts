// What one call that blocks its thread means for others: its own repeats, other batches of its step, and other steps.

import { expect, test } from '@jest/globals'
import { type ActivityCall, ThreadLostError } from '../../../workers/isolation/pending-calls.ts'
import { createSuspects } from '../../../workers/isolation/suspects.ts'

const batch = (byte: number) => new Uint8Array(32).fill(byte)

const call = (own: { name?: string; runId?: string; args?: readonly unknown[] } = {}) => {
  const { name = 'validateEvents', runId = 'run-1', args = [batch(1), 'x'] } = own
  const of: ActivityCall = Object({ name, args, info: { workflowExecution: { runId } } })
  return of
}

const lost = new ThreadLostError('stuck', {
  hadBegun: true,
  messageIndex: null,
  isGivenUp: false,
})

const OTHERS = [
  ['another batch', { args: [batch(2), 'x'] }],
  ['another argument', { args: [batch(1), 'y'] }],
  ['another step', { name: 'stageEvents' }],
  ['another run', { runId: 'run-2' }],
] as const

test('a call that blocked its thread is known again, and no other call is', () => {
  const suspects = createSuspects()
  suspects.convict(call(), lost)
  expect(suspects.verdictOn(call())).toBe(lost)
  for (const [, own] of OTHERS) expect(suspects.verdictOn(call(own))).toBeUndefined()
})

test.each([
  ['another batch', { args: [batch(2), 'x'] }, true],
  ['another step', { name: 'stageEvents' }, false],
  ['another run', { runId: 'run-2' }, false],
])('a suspected step must not share a thread, and %s: %#', (_, own, isSuspected) => {
  const suspects = createSuspects()
  suspects.add(call())
  expect(suspects.has(call())).toBe(true)
  expect(suspects.has(call(own))).toBe(isSuspected)
})

test('a step is acquitted by a call that finished alone, unless one of its calls was convicted', () => {
  const suspects = createSuspects()
  suspects.add(call())
  suspects.acquit(call())
  expect(suspects.has(call())).toBe(false)
  expect(suspects.convict(call(), lost)).toBe(true)
  expect(suspects.convict(call({ args: [] }), lost)).toBe(false)
  suspects.acquit(call())
  expect(suspects.has(call())).toBe(true)
})
