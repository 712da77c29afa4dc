// What became of one event, as a code and what belongs to it. Pure.

import type { HandledRow } from '#warehouse/sql/order-actions'
import type { ActivationRow, StagedRow } from '#warehouse/sql/order-rows'
import type { Item, Letter } from './facts.ts'

export type Fate =
  /** A row of a staging table has it; `redrive` is the action that put it there, if it was one. */
  | {
      readonly code: 'staged'
      readonly row: StagedRow
      readonly redrive: HandledRow | undefined
      readonly activation: Activation
    }
  | { readonly code: 'dead_letter'; readonly letter: Letter }
  /** It breaks the contract, and is not in a dead letter yet. */
  | { readonly code: 'rejected'; readonly reasons: readonly string[] }
  | { readonly code: 'not_staged' }

export type Activation =
  /** `row` says whether it was meant for Google Ads. */
  | { readonly code: 'accepted'; readonly row: ActivationRow }
  | { readonly code: 'dead_letter'; readonly letter: Letter }
  /** The pipeline did not send it to Segment, for this reason. */
  | { readonly code: 'held_back'; readonly row: ActivationRow }
  /** It is not sent yet: see WAITING_REASONS. */
  | { readonly code: 'waiting'; readonly reason: string | null }
  | { readonly code: 'failed'; readonly reason: string | null }
  /** The table has no answer of Segment's. */
  | { readonly code: 'not_recorded' }

export function fateOf(item: Item): Fate {
  const [row] = item.staged
  if (row)
    return {
      code: 'staged',
      row,
      redrive: item.letters.find(({ id }) => id === row.batch_id)?.handled.at(-1),
      activation: activationOf(item),
    }
  const letter = item.letters.findLast(({ isOpen }) => isOpen) ?? item.letters.at(-1)
  if (letter) return { code: 'dead_letter', letter }
  const rejected = item.audited.find(({ decision }) => decision === 'rejected')
  return rejected ? { code: 'rejected', reasons: rejected.reasons } : { code: 'not_staged' }
}

function activationOf({ activated, letters }: Item): Activation {
  const accepted = activated.findLast(({ outcome }) => outcome === 'accepted')
  if (accepted) return { code: 'accepted', row: accepted }
  const letter = letters.findLast(({ stage }) => stage === 'activation')
  if (letter) return { code: 'dead_letter', letter }
  const last = activated.at(-1)
  if (!last) return { code: 'not_recorded' }
  const held = activated.findLast(({ outcome }) => outcome === 'not_activated')
  if (held) return { code: 'held_back', row: held }
  if (last.outcome === 'sending' || last.outcome === 'unsent') return { code: 'not_recorded' }
  if (last.outcome === 'waiting') return { code: 'waiting', reason: last.reason }
  return { code: 'failed', reason: last.reason }
}
