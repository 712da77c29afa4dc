// The sentences about the limit of activation.

import { governedBy } from '#contracts'
import type { SetLimit } from '#runtime/activation-queue'

/** What is in effect, since when, by whom and why. */
export function limitText({ limit, setAt }: SetLimit): string {
  const { perSecond, reason, identity } = limit
  const by = governedBy(identity) ? 'the governor' : identity
  const who = by === '' || setAt === null ? '' : ` Set by ${by} at ${setAt}: ${reason}`
  return `${stateText(perSecond)}${who}`
}

function stateText(perSecond: number | null): string {
  if (perSecond === null) return 'Activation runs without a limit.'
  if (perSecond === 0) return 'Activation is paused.'
  return `Activation runs at ${perSecondText(perSecond)} activities a second at most.`
}

/** Two digits that count: what is worked out from an average is no more exact. */
export const aboutText = (number: number): string =>
  number.toLocaleString('en', { maximumSignificantDigits: 2 })

/** Four digits that count. */
export const perSecondText = (number: number): string =>
  number.toLocaleString('en', { maximumSignificantDigits: 4 })
