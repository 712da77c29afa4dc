// The limit of the activation queue as Temporal stores it, and how a limit that the governor set is recognised. Imports nothing.

/** The states of the governor in which it holds the limit of the queue. */
export const GOVERNOR_STATES = ['throttled', 'open', 'probing', 'recovering'] as const

export type GovernorState = (typeof GOVERNOR_STATES)[number]

export type QueueLimit = {
  /** Activities a second, over all workers; null where there is no limit. 0 stops all dispatch. */
  readonly perSecond: number | null
  /** Empty where nothing was ever set. */
  readonly reason: string
  /** Who set it: the name of a person, or a result of `governorIdentity`. */
  readonly identity: string
}

/** What the governor must know of the queue before it changes the limit. */
export type QueueReading = {
  readonly limit: QueueLimit
  /** When the limit was set, RFC 3339; null where none ever was. It tells a limit that was set again from one that was read late. */
  readonly setAt: string | null
  /** Activities a second that the server dispatched lately. */
  readonly dispatchedPerSecond: number
}

const GOVERNOR = 'governActivation'

/** No person is called like this: `npm run activation` refuses the name. */
const PATTERN = /^governActivation\/([a-z]+)\/(none|[\d.e+-]+)$/

/** @param base the limit that applies once all is well, in activities a second; null for none */
export const governorIdentity = (state: GovernorState, base: number | null): string =>
  `${GOVERNOR}/${state}/${base ?? 'none'}`

export type GovernedBy = { readonly state: GovernorState; readonly base: number | null }

/** @returns null for a limit that the governor did not set */
export function governedBy(identity: string): GovernedBy | null {
  const [, name, base] = PATTERN.exec(identity) ?? []
  const state = GOVERNOR_STATES.find((known) => known === name)
  if (state === undefined || base === undefined) return null
  if (base === 'none') return { state, base: null }
  return Number.isFinite(Number(base)) ? { state, base: Number(base) } : null
}
