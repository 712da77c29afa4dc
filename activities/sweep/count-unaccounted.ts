// Counts the accepted messages of ended batches that are neither staged nor in a dead letter.

import type { Client } from '@temporalio/client'
import type { Reader } from '#warehouse/read'
import { unaccounted } from '#warehouse/sql/unaccounted'
import { isUnderWay } from './is-under-way.ts'

/** The partitions of two days are read again by every sweep. */
const SPAN_MS = 48 * 60 * 60 * 1000

/**
 * @param until a time before which both Temporal and BigQuery are up to date
 * @throws ApplicationFailure of the registry where BigQuery or Temporal does not answer
 */
export async function countUnaccounted(
  client: Client,
  read: Reader,
  until: string,
): Promise<{ readonly messages: number; readonly batches: readonly string[] }> {
  const end = new Date(until)
  const found = await read(unaccounted({ since: new Date(end.getTime() - SPAN_MS), until: end }))
  const ended: typeof found = []
  for (const one of found) if (!(await isUnderWay(client, one.id))) ended.push(one)
  return {
    messages: ended.reduce((sum, { messages }) => sum + messages, 0),
    batches: ended.map(({ id }) => id),
  }
}
