// How long each activity may take and how it is retried, with the reason for every number.

import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow'

/** As long as Pub/Sub would have kept the message: after an outage this long, a person has to decide. */
const GIVE_UP_AFTER = '7 days'

/**
 * Temporal notices after this time that a worker has died. Activities send a heartbeat every five seconds (the worker
 * passes every one on, see workers/options.ts), and a busy machine loses fewer than four in a row. A false alarm costs
 * one repeat, and every activity is idempotent.
 */
const NOTICE_DEATH_AFTER = '20 seconds'

/**
 * The first attempt of every step, as a local activity. All steps of a batch together must fit into one workflow task,
 * which has ten seconds; a local activity that hangs ends after half of that time.
 */
export const firstAttempt: LocalActivityOptions = {
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 1 },
}

/** Reading a batch takes milliseconds; the time-out covers a worker that is short of CPU. */
export const reading: ActivityOptions = {
  startToCloseTimeout: '20 seconds',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
}

/**
 * The first attempts of validation. Where two of them do not end within their time, the cause is a message and not a
 * shortage of CPU: the workflow then cuts the batch into pieces.
 */
export const readingNow: ActivityOptions = {
  startToCloseTimeout: '20 seconds',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  retry: { initialInterval: '1 second', maximumAttempts: 2 },
}

/**
 * BigQuery can refuse all appends for ten minutes. A request has 60 s to answer, and a batch needs a few requests. With
 * the longest pause, an outage of hours costs a few dozen attempts, and its end is noticed within five minutes.
 */
export const writing: ActivityOptions = {
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
}

/**
 * A batch that waits this long for its turn shows that it waits: the queue of activation is paused, or has a limit. On the good
 * path, an activity of activation starts within milliseconds.
 */
const NOTICE_WAITING_AFTER = '1 minute'

/**
 * The first attempts of activation: enough for a short outage of Segment, and over within a minute, so that a batch that must
 * wait longer shows it. A request has 10 s to answer, and isolating one bad call of a chunk takes some twenty requests.
 */
export const activatingNow: ActivityOptions = {
  scheduleToStartTimeout: NOTICE_WAITING_AFTER,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumAttempts: 4 },
}

/** Seven days of attempts, where all of them fail and each follows the one before after the longest pause. */
const ATTEMPTS_OF_A_WEEK = 7 * 24 * 12

/**
 * Segment can be down for hours. The activation log tells the next attempt which calls are done. What is limited is the number of
 * attempts and not the time: while a person has paused the queue, or the breaker is open, there are none, and events that
 * only wait must not become dead letters.
 */
export const activatingLater: ActivityOptions = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: {
    initialInterval: '10 seconds',
    backoffCoefficient: 2,
    maximumInterval: '5 minutes',
    maximumAttempts: ATTEMPTS_OF_A_WEEK,
  },
}

/**
 * A query of some seconds, and as many requests of 15 s as the batch has orders, 100 at a time. Pub/Sub, or the topic, can be
 * away for hours, and nothing else waits for this.
 */
export const publishing: ActivityOptions = {
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '10 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
}

/** Starting dead letters. A start takes milliseconds where Temporal is available, and a batch has a handful of partners. */
export const opening: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
}

/**
 * Three attempts cover a short outage, and the next sweep repeats what this one could not do. Five hundred batches with a
 * handful of requests each, or a query over the whole of a large table, take a minute or two.
 */
export const sweeping: ActivityOptions = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumAttempts: 3 },
}

/** The webhook's attempts are some seconds apart, so that a proxy that restarts is available again. */
export const alerting: ActivityOptions = {
  startToCloseTimeout: '20 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 3, maximumAttempts: 4 },
}

/** A call of Temporal's API, tried until it succeeds: a limit that is left at 0 would stop activation permanently. */
export const governing: ActivityOptions = {
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
}

/**
 * A query over all messages of a large partner takes minutes, and a person with many dead letters as well. An erasure must
 * outlast an outage: what it has not done yet is personal data that is kept too long.
 */
export const erasing: ActivityOptions = {
  startToCloseTimeout: '30 minutes',
  scheduleToCloseTimeout: GIVE_UP_AFTER,
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
}

/**
 * One request. The run has the customer id in its input, so that it does not wait for a week for somebody to correct a token: after
 * a day the receipt says that Segment has to be asked by hand.
 */
export const askingDeletion: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 day',
  heartbeatTimeout: NOTICE_DEATH_AFTER,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
}
