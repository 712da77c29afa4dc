// Remembers the steps that were running in a thread when it was lost, and the calls that are proven to block a thread.

import { LRUCache } from 'lru-cache'
import { payloadTrailer } from '#contracts/batch-payload'
import type { ActivityCall, ThreadLostError } from './pending-calls.ts'

/** Far more than are suspected at the same time. */
const MAX_REMEMBERED = 1_000

export function createSuspects() {
  const steps = new LRUCache<string, 'suspected' | 'convicted'>({ max: MAX_REMEMBERED })
  const verdicts = new LRUCache<string, ThreadLostError>({ max: MAX_REMEMBERED })
  return {
    /** True where calls of this step and run must not share a thread. */
    has: (call: ActivityCall): boolean => steps.size > 0 && steps.has(stepOf(call)),
    add: (call: ActivityCall): void => void steps.set(stepOf(call), 'suspected'),
    /** The call has finished while it ran alone. */
    acquit: (call: ActivityCall): void => {
      if (steps.get(stepOf(call)) === 'suspected') steps.delete(stepOf(call))
    },
    /** @returns false where another call of the step was convicted before */
    convict: (call: ActivityCall, lost: ThreadLostError): boolean => {
      const isFirst = steps.get(stepOf(call)) !== 'convicted'
      steps.set(stepOf(call), 'convicted')
      verdicts.set(contentsOf(call), lost)
      return isFirst
    },
    /** The error of the same call, if it blocked its thread before: a later attempt would block it again. */
    verdictOn: (call: ActivityCall): ThreadLostError | undefined => verdicts.get(contentsOf(call)),
  }
}

const stepOf = ({ name, info }: ActivityCall) =>
  JSON.stringify([info.workflowExecution?.runId, name])

const contentsOf = (call: ActivityCall) =>
  JSON.stringify([
    stepOf(call),
    ...call.args.map((arg) => (arg instanceof Uint8Array ? payloadTrailer(arg) : arg)),
  ])
