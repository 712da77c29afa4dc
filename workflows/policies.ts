// How long each activity may take and how it is retried, with the reason for every number.

import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow'

/** As long as Pub/Sub would have kept the message: an outage this long is a person's business. */
const GIVE_UP_AFTER = '7 days'

/**
 * A worker that died is noticed after this. Activities beat every five seconds (the worker passes every beat
 * on, see workers/options.ts), and four lost beats are more than a busy machine loses; a false alarm costs one
 * repeat, which every activity can take.
 */
const NOTICE_DEATH_AFTER = '20 seconds'

/**
 * The first attempt of every step, beside its workflow. All steps of a batch together are to fit into one workflow
 * task, which has ten seconds; a step that hangs gives its place back after half of them.
 */
export const firstAttempt: LocalActivityOptions = {
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 1 },
}

/** Reading a batch is milliseconds; this covers a worker that is short of CPU. */
export const reading: ActivityOptions = {
  startToCloseTimeout: '20 seconds',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
}

/**
 * Reading that does not end within its time twice, and has CPU for it, is not short of CPU: the batch is cut into
 * pieces then.
 */
export const readingNow: ActivityOptions = {
  startToCloseTimeout: '20 seconds',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  retry: { initialInterval: '1 second', maximumAttempts: 2 },
}

/**
 * BigQuery can refuse all appends for ten minutes. A request has 60 s to answer and a batch needs a few
 * of them; the longest pause keeps an outage of hours to a few dozen attempts, and notices its end within five minutes.
 */
export const writing: ActivityOptions = {
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
}

/**
 * The next attempts: enough for a hiccup of Segment, and over within a minute, so that a batch that must wait
 * says so. A request has 10 s to answer, and isolating one bad call of a chunk takes some twenty requests.
 */
export const activatingNow: ActivityOptions = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumAttempts: 4 },
}

/** Segment can be down for hours. The heartbeat carries what was settled from one attempt to the next. */
export const activatingLater: ActivityOptions = {
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '10 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
}

/** Starting a workflow takes milliseconds where Temporal is up, and a batch has a handful of partners. */
export const opening: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
}

/**
 * The next sweep does again what this one cannot: a few attempts over a hiccup. Five hundred batches with a handful
 * of requests each, or a query over the whole of a large table, take a minute or two.
 */
export const sweeping: ActivityOptions = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumAttempts: 3 },
}

/** The same for the webhook. Some seconds apart: a proxy that restarts is back then. */
export const alerting: ActivityOptions = {
  startToCloseTimeout: '20 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 3, maximumAttempts: 4 },
}
