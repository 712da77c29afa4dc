// What is sent to the thread of the reference, and what it sends back.

import type { Answer } from './answer.ts'
import type { Parameter, ReferenceTable } from './reference.ts'

export type Request =
  | { readonly method: 'open'; readonly tables: readonly ReferenceTable[] }
  | {
      readonly method: 'ask'
      /** The number that `open` gave. */
      readonly reference: number
      readonly sql: string
      readonly parameters: readonly Parameter[]
    }

/** The answer to a question, or the number of the reference that was opened. */
export type Response = { readonly id: number; readonly result: Answer | number }
