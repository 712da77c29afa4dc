// What the Storage Write API's stand-in keeps, and the faults a test tells it to show.

import type { protos } from '@google-cloud/bigquery-storage'
import type { Column } from '#contracts'
import type { Refusal } from './judge.ts'
import type { DecodedRow } from './proto-rows.ts'

type Response = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse

export type Request = {
  readonly connection: number
  readonly rows: number
  readonly bytes: number
  readonly hasSchema: boolean
}

/** What happens to one append instead of, or on top of, what it deserves. */
export type Fault =
  /** Answered inside a result, and nothing is written. */
  | { readonly answer: Response }
  /** The stream ends with this status; `afterWrite` loses only the answer. */
  | { readonly breaks: Refusal; readonly afterWrite?: boolean }
  /** The stream ends as if all were well. */
  | { readonly closes: true }
  | { readonly hangs: true }
  | { readonly delayMs: number }
  /** Answered once the promise is settled. */
  | { readonly until: Promise<unknown> }
  /** Written, and answered once more than it should be. */
  | { readonly answersTwice: true }
  /** Written, and the answer says that the table has other columns by now. */
  | { readonly updatedSchema: true }

/** What the server keeps, and what a test tells it. */
export type ServerState = {
  /** The columns of each table that exists; a test takes away or changes what it likes. */
  readonly tables: Map<string, readonly Column[]>
  readonly rows: (table: string) => readonly DecodedRow[]
  readonly keep: (table: string, rows: readonly DecodedRow[]) => void
  readonly requests: Request[]
  /** One fault for each of the next appends, in order. */
  readonly faults: Fault[]
  /** Refuses every append until it is set back to null. */
  refuseAll: Refusal | null
  /** Ends every open stream; `refusal` as an error, or as if all were well. */
  readonly endStreams: (refusal?: Refusal) => void
  readonly openStreams: () => number
  readonly stop: () => void
}
