// The alerts apart from those on error budgets. A gauge that every bridge reads for itself counts once: its maximum.

export type Alert = {
  readonly alert: string
  /** Its heading in the runbook, where that is not its own name. */
  readonly heading?: string
  readonly expr: string
  /** How long the expression must have a result before the alert fires, such as 5m. */
  readonly waits?: string
  /** page wakes a person, ticket waits for the next working day. */
  readonly severity: 'page' | 'ticket'
  readonly summary: string
  readonly description: string
}

const backlog = (earlier = '') => `sum(max by (subscription) (pubsub_backlog_messages${earlier}))`
const openDeadLetters = (earlier = '') => `sum(max by (stage) (dead_letters_open${earlier}))`
const sweepRan = 'sweep_last_run_timestamp_seconds'

/**
 * What the newest check of the sweep has found. Each worker keeps what it found itself the last time, which is no longer true
 * once another one has checked.
 */
export const latestSweep = (
  gauge: string,
  check: 'dead_letters' | 'receipts',
  ...labels: readonly string[]
) => {
  const ran = `${sweepRan}{check="${check}"}`
  return `max${labels.length === 0 ? '' : ` by (${labels.join()})`} (${gauge} and on (instance) (${ran} == scalar(max(${ran}))))`
}

const gone = (service: 'bridge' | 'worker', summary: string, description: string): Alert => ({
  alert: service === 'bridge' ? 'BridgeGone' : 'WorkerGone',
  expr: `absent(nodejs_heap_used_bytes{service="${service}"})`,
  waits: '2m',
  severity: 'page',
  summary,
  description,
})

const processes: readonly Alert[] = [
  gone(
    'bridge',
    'No bridge runs.',
    'No message is acknowledged. Pub/Sub keeps them for seven days. Start a bridge.',
  ),
  gone(
    'worker',
    'No worker runs.',
    'Batches wait in Temporal, and nothing is staged. Start a worker.',
  ),
  {
    alert: 'ProcessDown',
    // Other jobs of the same Prometheus are not ours.
    expr: 'up{job=~"(.*[-/])?(bridge|worker)"} == 0',
    waits: '5m',
    severity: 'ticket',
    summary: 'A bridge or a worker does not answer Prometheus.',
    description: 'The others take over its work. Look at its log and why it does not restart.',
  },
  {
    alert: 'ProcessNotReady',
    expr: 'process_ready == 0',
    waits: '5m',
    severity: 'page',
    summary: 'A bridge or a worker has been unable to work for five minutes.',
    description:
      'Its /readyz answers 503: Temporal or Pub/Sub does not answer it. Nothing is lost meanwhile.',
  },
  {
    alert: 'ActivityThreadRestarts',
    expr: 'sum(increase(activity_thread_restarts_total[15m])) > 0',
    severity: 'ticket',
    summary: 'A worker replaced an activity thread that was blocked, out of memory, or gone.',
    description:
      'A message may have caused it. It is cut out of its batch and waits in a dead letter with the reason poison.',
  },
]

const intake: readonly Alert[] = [
  {
    alert: 'NothingWritten',
    expr: `sum(rate(bridge_messages_received_total[10m])) > 0 and (sum(rate(rows_written_total{table="audit_log"}[10m])) or vector(0)) == 0`,
    waits: '5m',
    severity: 'page',
    summary: 'Messages are received, and no row is written.',
    description:
      'BigQuery does not take rows, or the workers are stuck. Batches wait in Temporal and are repeated for a week.',
  },
  {
    alert: 'BacklogGrowing',
    expr: `${backlog()} > 10000 and ${backlog()} - ${backlog(' offset 30m')} > 5000`,
    waits: '10m',
    severity: 'ticket',
    summary: 'The backlog in Pub/Sub grows.',
    description:
      'More than 10,000 messages wait, and 5,000 more than half an hour ago: partners publish faster than the pipeline takes.',
  },
  {
    alert: 'BridgePaused',
    expr: 'max(rate(bridge_paused_seconds_total[15m])) > 0.5',
    waits: '15m',
    severity: 'ticket',
    summary: 'A bridge has not pulled for more than half of the time.',
    description:
      'More workflows are open than BRIDGE_MAX_OPEN_WORKFLOWS: workers are too few, or their batches are stuck.',
  },
  {
    alert: 'MessagesInDeadLetterTopic',
    expr: 'sum(increase(bridge_messages_dead_lettered_total[15m])) > 0',
    severity: 'ticket',
    summary: 'The bridge published messages to the dead-letter topic.',
    description:
      'Temporal can never take them, because they are too large for it. They wait there for seven days.',
  },
]

const deadLetters: readonly Alert[] = [
  {
    alert: 'DeadLettersGrowing',
    expr: `${openDeadLetters()} - ${openDeadLetters(' offset 1h')} > 100`,
    waits: '10m',
    severity: 'page',
    summary: 'More than 100 dead letters were opened in an hour and are still open.',
    description:
      'Something breaks many events: a release of a partner, or a sink that refuses them. npm run dlq -- summary says which.',
  },
  {
    alert: 'DeadLettersOpen',
    expr: `${openDeadLetters()} > 0`,
    waits: '12h',
    severity: 'ticket',
    summary: 'Dead letters have been open for twelve hours.',
    description: 'Correct and redrive them, or discard them: npm run dlq -- summary.',
  },
  {
    alert: 'StagingRefused',
    expr: 'sum(increase(dead_letters_opened_total{stage="staging"}[15m])) > 0',
    severity: 'page',
    summary: 'BigQuery refuses rows of valid events.',
    description:
      'Their events wait in dead letters of the stage staging. The tables may differ from the contract: run npm run setup.',
  },
]

const sweep: readonly Alert[] = [
  {
    alert: 'SweepNotRunning',
    expr: `time() - min(max by (check) (max_over_time(${sweepRan}[1h]))) > 1800 or absent_over_time(${sweepRan}[1h])`,
    waits: '5m',
    severity: 'page',
    summary: 'A check of the sweep has not run for half an hour.',
    description:
      'Nothing compares what was acknowledged with what is in the tables, and batches that were terminated stay unnoticed.',
  },
  {
    alert: 'LedgerUnaccounted',
    expr: `${latestSweep('ledger_unaccounted_events', 'receipts')} > 0`,
    waits: '15m',
    severity: 'page',
    summary: 'Acknowledged events are unaccounted for.',
    description:
      'They are neither staged nor in a dead letter, and no workflow carries them. Read streaming.reconciliation.',
  },
  {
    alert: 'ReceiptsDisagree',
    expr: `${latestSweep('batch_receipt_disagreements', 'receipts', 'kind')} > 0`,
    severity: 'page',
    summary: 'Acknowledged messages of ended batches are missing in the audit log.',
    description:
      'BigQuery confirmed rows that it does not have, or a batch was ended by hand. The log of the sweep names the batches.',
  },
  {
    alert: 'DeadLettersDisagree',
    expr: `${latestSweep('dead_letter_disagreements', 'dead_letters', 'kind')} > 0`,
    waits: '30m',
    severity: 'ticket',
    summary: 'Temporal and the table of dead letters disagree on what is open.',
    description: 'docs/errors.md says what to do for each kind.',
  },
]

const activation: readonly Alert[] = [
  {
    alert: 'ActivationBreakerOpen',
    // While Segment stays unavailable, the governor opens the breaker again every five minutes at the latest.
    expr: 'sum(increase(activation_limit_changes_total{state="open"}[10m])) > 0',
    waits: '10m',
    severity: 'page',
    summary: 'Segment is unavailable, and activation waits.',
    description:
      'Events are staged, and none is lost. npm run activation -- status says what Segment answered and when the next probe is.',
  },
  {
    alert: 'ActivationThrottled',
    expr: 'sum(increase(activation_limit_changes_total{state="throttled"}[30m])) > 5',
    severity: 'ticket',
    summary: 'Segment throttles activation again and again.',
    description:
      'The rate is higher than Segment takes. Set one that it takes: npm run activation -- rate N.',
  },
]

const partners: readonly Alert[] = [
  {
    alert: 'PartnerSilent',
    // A worker that restarts forgets the gauge: what it said within three days still counts.
    expr: 'time() - max by (partner) (max_over_time(partner_newest_event_timestamp_seconds{partner!="other"}[3d])) > 86400',
    waits: '15m',
    severity: 'ticket',
    summary: 'A partner has published nothing for a day.',
    description: 'The label partner names it. The alert ends after three days of silence.',
  },
  {
    alert: 'PartnerRegistryRefused',
    expr: 'sum(increase(partner_registry_reads_total{outcome="refused"}[15m])) > 0',
    severity: 'ticket',
    summary: 'An edit of the partner registry was refused.',
    description:
      'The last good registry stays in use. npm run partners -- check says what is wrong with the file.',
  },
]

/** By the name of the rule group. */
export const alertsByGroup: Readonly<Record<string, readonly Alert[]>> = {
  processes,
  intake,
  'dead-letters': deadLetters,
  sweep,
  activation,
  partners,
}
