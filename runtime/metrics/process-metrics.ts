// The metrics that the bridge and the worker have in common, as data.

import type { MetricGroup } from './spec.ts'

const THREADS = ['main', 'activities']

export const PROCESS_METRICS = {
  partnerRegistryReads: {
    name: 'partner_registry_reads_total',
    type: 'counter',
    unit: '1',
    labels: { outcome: ['loaded', 'refused'] },
    meaning: 'Changes of the partner registry that the process took or refused.',
  },
  ready: {
    name: 'process_ready',
    type: 'gauge',
    unit: '1',
    labels: {},
    meaning:
      '1 where the process could do its work when it last looked, as `/readyz` says, and 0 where it could not.',
  },
  eventLoopDelay: {
    name: 'nodejs_event_loop_delay_p99_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: { thread: THREADS },
    meaning:
      'Time by which the event loop was late, 99th percentile of the last five seconds. The activities of a worker run in a thread of their own.',
  },
  heapUsed: {
    name: 'nodejs_heap_used_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels: { thread: THREADS },
    meaning: 'Memory of JavaScript objects.',
  },
} as const satisfies MetricGroup
