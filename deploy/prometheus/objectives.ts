// What the pipeline promises, over 30 days, and how Prometheus measures the share of what broke the promise.

/** How long an event may take from publish to its staging table. */
export const STAGED_WITHIN_SECONDS = 60

/** How old the oldest message that is not acknowledged may be. */
export const OLDEST_UNACKNOWLEDGED_SECONDS = 120

export type Objective = {
  /** The beginning of the names of its alerts, and its heading in the runbook. */
  readonly alert: string
  readonly title: string
  /** The share that must keep the promise, between 0 and 1. */
  readonly target: number
  /**
   * PromQL: the share of the last `window` (such as 1h) that broke the promise. It has no value without traffic. What is a
   * share of time is looked at every `resolution`.
   */
  readonly badShare: (window: string, resolution: string) => string
}

/**
 * Where the type of the metric is histogram, Prometheus 3 writes the bound of a bucket as 60.0; otherwise, as Prometheus 2
 * does, 60. The expression takes both.
 */
const stagedInTime = `event_publish_to_staged_seconds_bucket{le=~"${STAGED_WITHIN_SECONDS}(\\\\.0)?"}`

/** Every bridge reads the age from Cloud Monitoring. Where Pub/Sub is an emulator, the age of what the bridges hold stands in. */
export const OLDEST_UNACKNOWLEDGED =
  '(max(pubsub_oldest_unacknowledged_seconds) or max(bridge_oldest_unacknowledged_seconds))'

export const OBJECTIVES = [
  {
    alert: 'StagingSloBurn',
    title: `99 % of events are staged within ${STAGED_WITHIN_SECONDS} s of their publication`,
    target: 0.99,
    badShare: (window) =>
      `1 - sum(rate(${stagedInTime}[${window}])) / sum(rate(event_publish_to_staged_seconds_count[${window}]))`,
  },
  {
    alert: 'ActivationSloBurn',
    title: '99.9 % of valid events that are meant for Segment are accepted by Segment',
    target: 0.999,
    badShare: (window) =>
      `sum(rate(events_activated_total{outcome="failed"}[${window}])) / sum(rate(events_activated_total{outcome=~"accepted|failed"}[${window}]))`,
  },
  {
    alert: 'FreshnessSloBurn',
    title: `99 % of the time the oldest unacknowledged message is younger than ${OLDEST_UNACKNOWLEDGED_SECONDS} s`,
    target: 0.99,
    badShare: (window, resolution) =>
      `avg_over_time((${OLDEST_UNACKNOWLEDGED} > bool ${OLDEST_UNACKNOWLEDGED_SECONDS})[${window}:${resolution}])`,
  },
] as const satisfies readonly Objective[]

/**
 * How fast the error budget of 30 days may be used up. The long window shows that it matters, the short one that it is still
 * so: the alert ends soon after the fault does. From Google's SRE workbook, chapter 5.
 */
export type Burn = {
  /** 1 uses up the budget in exactly 30 days. */
  readonly factor: number
  readonly long: string
  readonly short: string
  readonly severity: 'page' | 'ticket'
  readonly spent: string
  /** How often a share of time is looked at. */
  readonly resolution: string
}

export const BURNS = [
  {
    factor: 14.4,
    long: '1h',
    short: '5m',
    severity: 'page',
    spent: '2 % in an hour',
    resolution: '1m',
  },
  {
    factor: 6,
    long: '6h',
    short: '30m',
    severity: 'page',
    spent: '5 % in six hours',
    resolution: '1m',
  },
  {
    factor: 3,
    long: '1d',
    short: '2h',
    severity: 'ticket',
    spent: '10 % in a day',
    resolution: '5m',
  },
  {
    factor: 1,
    long: '3d',
    short: '6h',
    severity: 'ticket',
    spent: '10 % in three days',
    resolution: '5m',
  },
] as const satisfies readonly Burn[]
