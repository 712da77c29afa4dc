// What the erasure of a person's data is asked for, and what it answers. Imports nothing, so workflows may use it.

/** A customer of a partner: customer ids are the partner's own. */
export type Person = { readonly partnerId: string; readonly customerId: string }

export type EraseRequest = Person & {
  /** Random. Pseudonyms of one erasure are made with it, so that rows still belong together; it is not stored anywhere else. */
  readonly salt: string
  readonly actor: string
  /** Why, in one line; never the customer id. */
  readonly reason: string
  /** RFC 3339, UTC. Batches that were started before are waited for. */
  readonly requestedAt: string
}

/** The tables that hold persons. */
export const ERASED_TABLES = [
  'audit_log',
  'staging_purchase',
  'staging_cancellation',
  'dead_letter',
  'dead_letter_log',
  'activation_log',
] as const

export type ErasedTable = (typeof ERASED_TABLES)[number]

/** How many rows of each table. */
export type RowCounts = Readonly<Record<ErasedTable, number>>

export const NO_ROWS: RowCounts = {
  audit_log: 0,
  staging_purchase: 0,
  staging_cancellation: 0,
  dead_letter: 0,
  dead_letter_log: 0,
  activation_log: 0,
}

export function addRows(one: RowCounts, other: RowCounts): RowCounts {
  const sum = { ...one }
  for (const table of ERASED_TABLES) sum[table] = one[table] + other[table]
  return sum
}

export function sumOf(rows: RowCounts): number {
  return ERASED_TABLES.reduce((sum, table) => sum + rows[table], 0)
}

/** Where the person's data was found. It holds order ids, and is kept no longer than the run. */
export type PersonTraces = {
  /** Message id and publish time of each message, as one text. */
  readonly keys: readonly string[]
  readonly messageIds: readonly string[]
  /** Publish times of the oldest and the newest of them. */
  readonly from: string
  readonly to: string
  /** Orders of the person that are staged. */
  readonly orders: readonly string[]
  /** E-mail addresses, telephone numbers and vehicle numbers of the staged rows. */
  readonly identifiers: readonly string[]
  /** Workflow ids of the batches that carried the messages. */
  readonly batches: readonly string[]
  /** Workflow ids of the dead letters that hold or held them. */
  readonly letters: readonly string[]
  readonly rows: RowCounts
  /** Messages without a partner that contain the customer id: whose they are cannot be told, and they are left as they are. */
  readonly unattributed: number
}

/** What an erasure waits for. */
export type Wait = {
  readonly code: 'batches_running' | 'dead_letters_running' | 'streaming_buffer' | 'not_swept'
  /** Workflow runs, or tables. */
  readonly count: number
}

/** The result of erasing the rows once: the rows changed, and the tables whose rows BigQuery does not change yet. */
export type ErasedRows = { readonly rows: RowCounts; readonly buffered: readonly ErasedTable[] }

export type ClosedLetters = {
  /** Dead letters in which events of the person were closed, or had been open with others. */
  readonly letters: number
  readonly events: number
  /** Dead letters whose runs are under way. */
  readonly running: number
}

export type ForgottenRuns = {
  readonly deleted: number
  /** Runs that are left, because their payloads are encrypted. */
  readonly encrypted: number
  /** Until when Temporal keeps those; null where there is none. */
  readonly keptUntil: string | null
  /** Runs that ended early, and whose events the sweep has not recorded yet. */
  readonly notSwept: number
}

export const NO_RUNS: ForgottenRuns = { deleted: 0, encrypted: 0, keptUntil: null, notSwept: 0 }

/** The answer of Segment's deletion endpoint, or why it was not asked. */
export type SegmentDeletion =
  | { readonly isAsked: true; readonly regulationId: string }
  | { readonly isAsked: false; readonly why: 'no_token' | 'nothing_found' | 'refused' }

/** What happened, without a word about the person. */
export type ErasureReceipt = {
  /** Stands for partner and customer. */
  readonly subject: string
  readonly actor: string
  readonly reason: string
  readonly requestedAt: string
  readonly finishedAt: string
  /** How often data of the person was found and erased; 0 where there was none. */
  readonly passes: number
  readonly rows: RowCounts
  readonly letters: number
  readonly events: number
  readonly runs: ForgottenRuns
  readonly segment: SegmentDeletion
  readonly unattributed: number
}

export type EraseProgress = {
  readonly step: 'finding' | 'erasing' | 'waiting' | 'asking Segment' | 'writing the receipt'
  readonly requestedAt: string
  readonly passes: number
  readonly rows: RowCounts
  readonly waitsFor: readonly Wait[]
  /** When it looks again; null where it does not wait. */
  readonly nextLookAt: string | null
}

/** The query by which a running erasure tells its progress. */
export const ERASE_PROGRESS = 'progress'

/** Replaces a text that says who somebody is, where the column must have a value. */
export const ERASED = '(erased)'

/** Begins the pseudonym that replaces an order id, an event id or a content hash. */
export const PSEUDONYM = 'erased-'
