// What a set-up did.

/** One thing that the pipeline needs, and what a set-up did about it. */
export type Change = {
  readonly kind:
    | 'topic'
    | 'subscription'
    | 'dataset'
    | 'table'
    | 'view'
    | 'search attribute'
    | 'schedule'
  readonly name: string
  /** `by hand`: it is left to a person, since this Temporal does not let a client do it. */
  readonly did: 'created' | 'updated' | 'unchanged' | 'by hand'
  /** Columns that a table has gained. */
  readonly newColumns?: readonly string[]
  /** Of a search attribute that is left to a person. */
  readonly type?: string
}
