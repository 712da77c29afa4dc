// What waits for Segment: events by BigQuery, batches and orders by Temporal.

import type { Client } from '@temporalio/client'
import { MAX_AGE_DAYS, publicPartner, WORKFLOW } from '#contracts'
import { wallClockMs } from '#runtime/clock'
import type { Reader } from '#warehouse/read'
import { callsPerBatch } from '#warehouse/sql/calls-per-batch'
import { waitingEvents } from '#warehouse/sql/waiting-events'
import { asked } from './temporal-problem.ts'

export type WaitingPartner = {
  /** Replaced where it is personal. */
  readonly partner: string
  readonly events: number
  /** When the oldest of them was published, RFC 3339. */
  readonly oldest: string
}

export type WaitingEvents = {
  readonly events: number
  readonly oldest: string | null
  /** Those with the most events first. */
  readonly partners: readonly WaitingPartner[]
}

/**
 * Staged events that were published in the last `days` days and have no outcome in the activation log, those included that are on
 * their way at this moment.
 * @throws BigQueryError
 */
export async function readWaitingEvents(read: Reader, days: number): Promise<WaitingEvents> {
  const rows = await read(waitingEvents(daysAgo(days)))
  const partners = rows.map(({ partner_id, ...rest }) => ({
    partner: publicPartner(partner_id),
    ...rest,
  }))
  return {
    events: partners.reduce((sum, { events }) => sum + events, 0),
    oldest: partners.map(({ oldest }) => oldest).toSorted()[0] ?? null,
    partners,
  }
}

export const daysAgo = (days: number) => new Date(wallClockMs() - days * 24 * 60 * 60 * 1000)

export type WaitingRuns = {
  /** Batches that have waited for Segment for a minute or more: the bridge does not count them. */
  readonly batches: number
  /** Batches with events that wait for another event of their order, or for the end of a cooling-off period. */
  readonly laterBatches: number
}

/** Temporal's counts lag by about a second. @throws OperationError */
export async function countWaitingRuns(client: Client): Promise<WaitingRuns> {
  const count = async (query: string) => (await asked(client.workflow.count(query))).count
  const [batches, laterBatches] = await Promise.all([count(WAITING_BATCHES), count(WAITING_LATER)])
  return { batches, laterBatches }
}

/**
 * For how many days back the tables must be read, so that the events of every batch that waits are among what is read: `least`, or
 * twice, four times as many. A pause may last for weeks.
 * @throws OperationError
 */
export async function daysToRead(client: Client, least: number): Promise<number> {
  if (least >= MAX_AGE_DAYS) return least
  const older = `${WAITING_BATCHES} AND StartTime < '${daysAgo(least).toISOString()}'`
  const { count } = await asked(client.workflow.count(older))
  return count === 0 ? least : daysToRead(client, 2 * least)
}

export const WAITING_BATCHES = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running' AND Stage = 'activation'`

export const WAITING_LATER = `WorkflowType = '${WORKFLOW.activateLater}' AND ExecutionStatus = 'Running'`

/**
 * Calls of Segment that an activity makes: by the events that wait, of which one order may have several, else by the last batches.
 * @param activities that wait @returns null where neither says anything
 */
export async function callsPerActivity(
  read: Reader,
  { events }: Pick<WaitingEvents, 'events'>,
  activities: number,
  days: number,
): Promise<number | null> {
  // The server's count of activities lags, so that few of them say little.
  if (activities >= ENOUGH && events >= activities) return events / activities
  const [row] = await read(callsPerBatch(daysAgo(days)))
  return row?.calls ?? null
}

const ENOUGH = 10
