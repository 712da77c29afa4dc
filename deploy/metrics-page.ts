// Makes docs/metrics.md from the catalogue of metrics.

import { METRICS } from '#runtime/metrics/catalogue'
import type { LabelValues, MetricSpec } from '#runtime/metrics/spec'

/** More values than this are told by their number and the page that has them. */
const MAX_VALUES = 14

/** Pure. */
export function metricsPage(): string {
  return `<!-- Made by \`npm run generate\` from runtime/metrics/. -->

# Metrics

Bridge and worker each serve Prometheus at \`METRICS_ADDRESS\`. The worker serves those of Temporal's SDK as well, whose names
begin with \`temporal_\`; the client of Temporal that the bridge uses has none. Every metric has the label \`service\`, which is \`bridge\` or \`worker\`. Labels have the values that are
named here and no others: nothing that a sender can vary freely becomes a series.

Counters exist at 0 from the start of the process. A gauge exists as soon as its value is known. Counters of events count at
least once: a step that Temporal repeats because its worker was lost counts again.

${tableOf('bridge', 'Bridge')}

${tableOf('worker', 'Worker')}

## Latency of events

\`event_publish_to_staged_seconds\` and \`event_publish_to_accepted_seconds\` are histograms of events, not of batches. The
99th percentile of the last five minutes:

\`\`\`promql
histogram_quantile(0.99, sum by (le) (rate(event_publish_to_staged_seconds_bucket[5m])))
\`\`\`

They are exposed as counters, whose type Prometheus and Grafana do not need ([ADR 31](adr/0031-histograms-as-counters.md)). The limits of the
buckets: ${bucketsOf('event_publish_to_staged_seconds')}. Those of \`bridge_batch_events\`: ${bucketsOf('bridge_batch_events')}.

## What only one worker knows

Any worker may run a check of the sweep, and keeps what it found until it runs the check again. The current value is that of
the worker that ran it last:

\`\`\`promql
ledger_unaccounted_events
  and on (instance)
(sweep_last_run_timestamp_seconds{check="receipts"}
  == scalar(max(sweep_last_run_timestamp_seconds{check="receipts"})))
\`\`\`

## The backlog of Pub/Sub

The bridge reads \`pubsub_backlog_messages\` and \`pubsub_oldest_unacknowledged_seconds\` from Cloud Monitoring once a minute, for
which its service account needs \`roles/monitoring.viewer\`. Where it cannot read them, it logs a warning and pulls as before. Google's
emulator has no Cloud Monitoring: with \`docker compose up\` the two metrics do not exist. The fake of \`npm run demo\` answers
the same request.
`
}

function tableOf(process: MetricProcess, title: string): string {
  const own = METRICS.filter(({ processes }) => processes.includes(process))
  const rows = own.map(
    ({ name, type, unit, labels, meaning }) =>
      `| \`${name}\` | ${type} | ${unit} | ${labelsOf(labels)} | ${meaning} |`,
  )
  return [
    `## ${title}`,
    '',
    '| metric | type | unit | labels | what it means |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

type MetricProcess = (typeof METRICS)[number]['processes'][number]

const labelsOf = (labels: MetricSpec['labels']) =>
  Object.entries(labels)
    .map(([label, values]) => `\`${label}\`: ${valuesOf(values)}`)
    .join('; ')

function valuesOf(values: LabelValues): string {
  if ('limitedBy' in values) return values.limitedBy
  if (values.length > MAX_VALUES) return `the ${values.length} reasons of [errors.md](errors.md)`
  return values.map((value) => `\`${value}\``).join(', ')
}

const bucketsOf = (name: string) =>
  METRICS.find((metric) => metric.name === name)?.buckets?.join(', ') ?? ''
