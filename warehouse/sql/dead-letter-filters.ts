// Which dead letters a query finds.

/** Which dead letters: every filter that is set must fit an event of them. */
export type Filters = {
  readonly partner?: string
  readonly stage?: string
  /** A reason code of the contract, or of a sink. */
  readonly reason?: string
  readonly type?: string
  /** Published at that time or later. */
  readonly since?: Date
  /** Published before that time. */
  readonly until?: Date
}
