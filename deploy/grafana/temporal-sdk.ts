// The dashboard Temporal SDK: what the workers' SDK measures of itself. Its histograms are in milliseconds.

import { graph, number, type Panel, type Row, toDashboard } from './panels.ts'
import { raw, WINDOW } from './queries.ts'

const rate = (metric: string, ...labels: string[]) =>
  raw(
    `sum by (${labels.join()}) (rate(${metric}[${WINDOW}]))`,
    labels.map((label) => `{{${label}}}`).join(' '),
  )

/** Zero where the SDK has counted none yet: it has no series then. */
const rateOrZero = (metric: string, ...labels: string[]) => {
  const { expr, legend } = rate(metric, ...labels)
  return raw(`${expr} or vector(0)`, legend)
}

const p99 = (metric: string, ...labels: string[]) =>
  raw(
    `histogram_quantile(0.99, sum by (${['le', ...labels].join()}) (rate(${metric}_bucket[${WINDOW}])))`,
    labels.map((label) => `{{${label}}}`).join(' '),
  )

const gauge = (metric: string, ...labels: string[]) =>
  raw(`sum by (${labels.join()}) (${metric})`, labels.map((label) => `{{${label}}}`).join(' '))

const counts = (title: string, description: string, query: ReturnType<typeof raw>): Panel =>
  graph(title, [query], { unit: 'cps', description })
const takes = (title: string, description: string, query: ReturnType<typeof raw>): Panel =>
  graph(title, [query], { unit: 'ms', description })

const total = (title: string, metric: string, description: string) =>
  number(title, raw(`sum(${metric}) or vector(0)`, metric), { unit: 'short', description })

const totals: Row = {
  title: 'Since the workers started',
  panels: [
    total('Workflows completed', 'temporal_workflow_completed', 'Of all types.'),
    total('Workflows failed', 'temporal_workflow_failed', 'Dead letters end as Failed on purpose.'),
    total(
      'Workflow task failures',
      'temporal_workflow_task_execution_failed',
      'Workflow code that threw, or that does not replay.',
    ),
    total('Activity attempts failed', 'temporal_activity_execution_failed', 'They are repeated.'),
    total('Requests failed', 'temporal_request_failure', 'Of the SDK to the Temporal server.'),
    total('Sticky cache', 'temporal_sticky_cache_size', 'Workflows in the memory of the workers.'),
  ],
}

const workflows: Row = {
  title: 'Workflows',
  panels: [
    counts(
      'Completed',
      'Workflows that ended well.',
      rate('temporal_workflow_completed', 'workflow_type'),
    ),
    takes(
      'From start to end, p99',
      'Of workflows that ended well.',
      p99('temporal_workflow_endtoend_latency', 'workflow_type'),
    ),
    takes(
      'Wait for a workflow task, p99',
      'Grows where workers are too few.',
      p99('temporal_workflow_task_schedule_to_start_latency', 'task_queue'),
    ),
    takes(
      'Workflow task, p99',
      'Time to run workflow code.',
      p99('temporal_workflow_task_execution_latency', 'workflow_type'),
    ),
    takes(
      'Replay, p99',
      'Time to read a history again.',
      p99('temporal_workflow_task_replay_latency', 'workflow_type'),
    ),
    counts(
      'Workflow task failures',
      'Workflow code that threw, or that does not replay.',
      rateOrZero('temporal_workflow_task_execution_failed', 'workflow_type'),
    ),
  ],
}

const activities: Row = {
  title: 'Activities',
  panels: [
    takes(
      'Local activities, p99',
      'One attempt.',
      p99('temporal_local_activity_execution_latency', 'activity_type'),
    ),
    takes(
      'Activities, p99',
      'One attempt.',
      p99('temporal_activity_execution_latency', 'activity_type'),
    ),
    takes(
      'Wait for an activity, p99',
      'Grows where slots are too few, and where activation is limited.',
      p99('temporal_activity_schedule_to_start_latency', 'task_queue'),
    ),
    counts(
      'Activity attempts failed',
      'They are repeated.',
      rateOrZero('temporal_activity_execution_failed', 'activity_type'),
    ),
    counts(
      'Local activity attempts failed',
      'The step is repeated as an ordinary activity.',
      rateOrZero('temporal_local_activity_execution_failed', 'activity_type'),
    ),
    counts(
      'Activities started',
      'By type.',
      rate('temporal_activity_task_received', 'activity_type'),
    ),
  ],
}

const server: Row = {
  title: 'Workers and the Temporal server',
  panels: [
    graph('Slots free', [gauge('temporal_worker_task_slots_available', 'worker_type')], {
      description: 'None free means that the workers are full.',
    }),
    graph('Slots used', [gauge('temporal_worker_task_slots_used', 'worker_type')], {
      description: 'Tasks that run.',
    }),
    graph('Pollers', [gauge('temporal_num_pollers', 'poller_type')], {
      description: 'Polls that are open.',
    }),
    counts('Requests', 'To the Temporal server.', rate('temporal_request', 'operation')),
    takes('Requests, p99', 'Without long polls.', p99('temporal_request_latency', 'operation')),
    counts(
      'Requests failed',
      'Without long polls.',
      rateOrZero('temporal_request_failure', 'operation', 'status_code'),
    ),
  ],
}

export const TEMPORAL_SDK = toDashboard({
  uid: 'car-events-temporal-sdk',
  title: 'Temporal SDK',
  description:
    'Workflows, activities, slots and requests, as the SDK of the workers measures them.',
  rows: [totals, workflows, activities, server],
})
