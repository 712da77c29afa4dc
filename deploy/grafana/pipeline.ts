// The dashboard Pipeline: what comes in, what becomes of it, how long it takes and what waits.

import { latestSweep } from '../prometheus/alerts.ts'
import {
  OLDEST_UNACKNOWLEDGED,
  OLDEST_UNACKNOWLEDGED_SECONDS,
  STAGED_WITHIN_SECONDS,
} from '../prometheus/objectives.ts'
import { graph, number, type Row, toDashboard } from './panels.ts'
import { about, highest, named, percentile, percentiles, rates, raw, WINDOW } from './queries.ts'

/** What the newest check of the sweep has found. */
const newest = (
  gauge: 'ledger_unaccounted_events' | 'dead_letter_disagreements' | 'batch_receipt_disagreements',
  check: 'dead_letters' | 'receipts',
  legend: string,
  ...labels: readonly string[]
) => about(gauge, latestSweep(gauge, check, ...labels), legend)

const now: Row = {
  title: 'Now',
  panels: [
    number('Received', rates('bridge_messages_received_total')),
    number('Publish to staged, p99', percentile('event_publish_to_staged_seconds', 99), {
      limit: STAGED_WITHIN_SECONDS,
    }),
    number('Oldest unacknowledged', raw(OLDEST_UNACKNOWLEDGED, 'age'), {
      unit: 's',
      description:
        'Age of the oldest message that is not acknowledged, by Cloud Monitoring; where that is not read, of those that the bridges hold.',
      limit: OLDEST_UNACKNOWLEDGED_SECONDS,
    }),
    number('Open workflows', highest('open_workflows')),
    number(
      'Open dead letters',
      about('dead_letters_open', 'sum(max by (stage) (dead_letters_open))', 'dead letters'),
      { limit: 1 },
    ),
    number('Unaccounted', newest('ledger_unaccounted_events', 'receipts', 'messages'), {
      limit: 1,
    }),
  ],
}

const flow: Row = {
  title: 'What comes in, and what becomes of it',
  panels: [
    graph('Messages', [
      named('received', rates('bridge_messages_received_total')),
      named('returned to Pub/Sub', rates('bridge_messages_returned_total')),
      named('dead-letter topic', rates('bridge_messages_dead_lettered_total')),
    ]),
    graph('Events by decision', [rates('events_decided_total', ['decision'])], { stacked: true }),
    graph('Rejected events by reason', [rates('events_rejected_total', ['reason'])]),
    graph('Rows by table', [rates('rows_written_total', ['table'])], { unit: 'rowsps' }),
    graph('Activated events by outcome', [rates('events_activated_total', ['outcome'])]),
    graph('Change events published', [rates('change_events_published_total', ['kind'])]),
  ],
}

const latency: Row = {
  title: 'How long it takes',
  panels: [
    graph('Publish to staged', percentiles('event_publish_to_staged_seconds'), {
      limit: STAGED_WITHIN_SECONDS,
    }),
    graph('Publish to accepted by Segment', percentiles('event_publish_to_accepted_seconds')),
    graph('Oldest unacknowledged message', [
      named('held by a bridge', highest('bridge_oldest_unacknowledged_seconds')),
      highest('pubsub_oldest_unacknowledged_seconds', ['subscription']),
    ]),
  ],
}

const batches: Row = {
  title: 'Batches, and what waits',
  panels: [
    graph('Messages in a batch', percentiles('bridge_batch_events')),
    graph('Batches by what ended them', [rates('bridge_batches_cut_total', ['cause'])]),
    graph('Batch workflows', [
      named('started', rates('bridge_batches_started_total')),
      named('started before', rates('bridge_batches_repeated_total')),
    ]),
    graph('Backlog in Pub/Sub', [highest('pubsub_backlog_messages', ['subscription'])]),
    graph('Open workflows', [highest('open_workflows')]),
    graph('Time without pulling', [
      {
        ...rates('bridge_paused_seconds_total', ['service']),
        expr: `max(rate(bridge_paused_seconds_total[${WINDOW}]))`,
        legend: 'share of time',
      },
    ]),
  ],
}

const faults: Row = {
  title: 'Dead letters and the sweep',
  panels: [
    graph('Open dead letters', [highest('dead_letters_open', ['stage'])], { stacked: true }),
    graph('Dead letters opened', [rates('dead_letters_opened_total', ['stage'])]),
    graph('Webhook alerts sent', [rates('dead_letter_alerts_total')]),
    graph('Temporal and the table disagree', [
      newest('dead_letter_disagreements', 'dead_letters', '{{kind}}', 'kind'),
    ]),
    graph('Messages missing in the audit log', [
      newest('batch_receipt_disagreements', 'receipts', '{{kind}}', 'kind'),
    ]),
    graph('Time since the last sweep', [
      about(
        'sweep_last_run_timestamp_seconds',
        'time() - max by (check) (sweep_last_run_timestamp_seconds)',
        '{{check}}',
      ),
    ]),
  ],
}

const processes: Row = {
  title: 'Processes',
  panels: [
    graph(
      'Ready',
      [
        about(
          'process_ready',
          'min by (service, instance) (process_ready)',
          '{{service}} {{instance}}',
        ),
      ],
      {
        description: 'The answer of /readyz: 1 is ready.',
      },
    ),
    graph('Delay of the event loop, p99', [
      highest('nodejs_event_loop_delay_p99_seconds', ['service', 'thread']),
    ]),
    graph('Heap', [highest('nodejs_heap_used_bytes', ['service', 'thread'])]),
    graph('Activity threads replaced', [rates('activity_thread_restarts_total', ['thread'])]),
    graph('Steps isolated', [
      about(
        'steps_isolated_total',
        `sum by (activity) (rate(steps_isolated_total[${WINDOW}])) or vector(0)`,
        '{{activity}}',
      ),
    ]),
    graph('Reads of the partner registry', [
      rates('partner_registry_reads_total', ['service', 'outcome']),
    ]),
  ],
}

export const PIPELINE = toDashboard({
  uid: 'car-events-pipeline',
  title: 'Pipeline',
  description: 'What comes in, what becomes of it, how long it takes and what waits.',
  rows: [now, flow, latency, batches, faults, processes],
})
