// Says which services could not be set up, and what was done in the others.

import type { Change } from './change.ts'

export type Service = 'Pub/Sub' | 'BigQuery' | 'Temporal'

export type SetupFailure = {
  readonly service: Service
  /** A BigQueryError, a PubSubError, or what Temporal's client threw. */
  readonly error: unknown
}

export class SetupError extends Error {
  override readonly name = 'SetupError'
  readonly code = 'not_set_up'
  readonly failures: readonly SetupFailure[]
  readonly changes: readonly Change[]

  constructor(failures: readonly SetupFailure[], changes: readonly Change[]) {
    super(`not set up: ${failures.map(({ service }) => service).join(', ')}`)
    this.failures = failures
    this.changes = changes
  }
}
