// Counts what an erasure would find, and changes nothing.

import type { Client } from '@temporalio/client'
import { type Person, type RowCounts, sumOf } from '#contracts'
import { runsOfPerson } from '#runtime/runs-of-person'
import { findPerson } from '#warehouse/erasure/find-person'
import type { Reader } from '#warehouse/read'

export type PersonCounts = {
  readonly rows: RowCounts
  readonly messages: number
  readonly batches: number
  readonly letters: number
  /** Runs in Temporal of those batches and dead letters, and how many of them are open. */
  readonly runs: number
  readonly openRuns: number
  /** Messages without a partner that contain the customer id. */
  readonly unattributed: number
}

/** Of the first two thousand rows of each staging table. @throws BigQueryError, or ServiceError of Temporal's */
export async function countPerson(
  read: Reader,
  client: Client,
  person: Person,
): Promise<PersonCounts> {
  const traces = await findPerson(read, person)
  const { ofBatches, ofLetters } = await runsOfPerson(client, traces)
  const runs = [...ofBatches, ...ofLetters]
  return {
    rows: traces.rows,
    messages: traces.keys.length,
    batches: traces.batches.length,
    letters: traces.letters.length,
    runs: runs.length,
    openRuns: runs.filter(({ status }) => status === 'RUNNING').length,
    unattributed: traces.unattributed,
  }
}

export const isEmpty = ({ rows }: PersonCounts): boolean => sumOf(rows) === 0
