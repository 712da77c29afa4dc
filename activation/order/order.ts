// What the decisions about the events of one order are based on.

import type { PartnerSettings } from '#runtime/partners/settings'
import type { History } from './history.ts'

export type PlanContext = {
  readonly partner: PartnerSettings
  readonly nowMs: number
  /** False in the first pass of a batch, which leaves all cancellations to `activateLater`. */
  readonly takesCancellations: boolean
  /** Of the runs that `unsettledRuns` names, those that are open. */
  readonly openRuns: ReadonlySet<string>
}

/** What the decisions about the events of one order are based on. */
export type Order = {
  readonly history: History
  readonly context: PlanContext
}
