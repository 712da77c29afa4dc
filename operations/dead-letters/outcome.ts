// What became of one dead letter that was to be resolved, from what its run says.

import { WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { DEAD_LETTER_FAILURE } from '#contracts'
import type { LetterRefusedError, Problem, RefusalCode } from '../errors.ts'
import type { OpenLetter } from './open-letters.ts'

export type Outcome = {
  readonly id: string
  readonly events: number
  /** Message ids of the events that failed again. */
  readonly failed: readonly string[]
} & (
  | { /** None of what was asked for is open. */ readonly outcome: 'closed' }
  | { /** Some events failed again. */ readonly outcome: 'failed'; readonly summary: string }
  | { /** Another run is resolving it at this moment. */ readonly outcome: 'busy' }
  | {
      /** Somebody closed it, or where `isClosed` is false resolved it a moment ago. */
      readonly outcome: 'gone'
      readonly isClosed: boolean
    }
  | { /** Its run ended without an answer. */ readonly outcome: 'broken'; readonly why: string }
  | {
      /** It cannot be resolved as asked, and was left as it is. */
      readonly outcome: 'refused'
      readonly refusal: Problem<RefusalCode>
    }
)

export const busy = (letter: OpenLetter): Outcome => ({ ...unchanged(letter), outcome: 'busy' })

export const gone = (letter: OpenLetter, isClosed: boolean): Outcome => ({
  ...unchanged(letter),
  outcome: 'gone',
  isClosed,
})

export const refused = (letter: OpenLetter, { code, details }: LetterRefusedError): Outcome => ({
  ...unchanged(letter),
  outcome: 'refused',
  refusal: { code, details },
})

const unchanged = ({ id, events }: OpenLetter) => ({ id, events: events.length, failed: [] })

/** @param result of the run; it fails where events of the dead letter are open, also those that were left alone */
export function outcomeOf(
  { id }: OpenLetter,
  events: number,
  result: Promise<unknown>,
): Promise<Outcome> {
  const about = { id, events, failed: [] }
  return result.then(
    () => ({ ...about, outcome: 'closed' }),
    (error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error
      const { cause } = error
      if (!(cause instanceof ApplicationFailure && cause.type === DEAD_LETTER_FAILURE))
        return { ...about, outcome: 'broken', why: rootOf(error).message }
      const failed = failedIds(cause)
      return failed.length === 0
        ? { ...about, outcome: 'closed' }
        : { ...about, outcome: 'failed', failed, summary: cause.message }
    },
  )
}

/** The error that caused all others. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error
}

function failedIds({ details }: ApplicationFailure): string[] {
  const [detail]: unknown[] = details ?? []
  const ids: unknown =
    typeof detail === 'object' && detail !== null && 'messageIds' in detail ? detail.messageIds : []
  return Array.isArray(ids) ? ids.map(String) : []
}
