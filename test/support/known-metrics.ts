// Which metrics and labels there are: those of the catalogue, of Temporal's SDK and of Prometheus itself.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { METRICS } from '#runtime/metrics/catalogue'
import { namedIn, type Selector } from './promql.ts'

/** A label, and its values where they are bounded. */
type Labels = Readonly<Record<string, readonly string[] | undefined>>

/** Prometheus adds instance and job to each target, the pipeline adds service to each metric. */
const OF_ALL: Labels = { instance: undefined, job: undefined, service: ['bridge', 'worker'] }

const OF_PROMETHEUS: Readonly<Record<string, Labels>> = {
  up: {},
  ALERTS: { alertname: undefined, alertstate: ['pending', 'firing'], severity: ['page', 'ticket'] },
}

const TEMPORAL_LABELS = [
  'activity_type',
  'operation',
  'poller_type',
  'status_code',
  'task_queue',
  'worker_type',
  'workflow_type',
]
const OF_TEMPORAL: Labels = Object.fromEntries(TEMPORAL_LABELS.map((name) => [name, undefined]))

/** The native library of the SDK holds the names of its metrics, without their prefix. */
const bridge = dirname(
  createRequire(import.meta.url).resolve('@temporalio/core-bridge/package.json'),
)
const sdk = readFileSync(join(bridge, 'releases/x86_64-unknown-linux-gnu/index.node'))

/** The metrics, labels and values of an expression that there are not; empty where it can have a result. */
export function unknownNames(expression: string): string[] {
  const { selectors, groupedBy } = namedIn(expression)
  const known = selectors.map(({ metric }) => labelsOf(metric))
  const all = new Set(known.flatMap((labels) => Object.keys(labels ?? {})))
  return [
    ...selectors.flatMap((selector, i) => unknownIn(selector, known[i])),
    ...groupedBy.filter((label) => !all.has(label)).map((label) => `by ${label}`),
  ]
}

function unknownIn({ metric, labels }: Selector, known: Labels | undefined): string[] {
  if (!known) return [metric]
  return Object.entries(labels).flatMap(([label, asked]) => {
    if (!(label in known)) return [`${metric}{${label}}`]
    const values = known[label]
    const wrong = asked.split('|').filter((value) => values && !values.includes(value))
    return wrong.map((value) => `${metric}{${label}=${value}}`)
  })
}

function labelsOf(metric: string): Labels | undefined {
  const [, base = metric, part] = /^(\w+)_(bucket|sum|count)$/.exec(metric) ?? []
  const bounds: Labels = part === 'bucket' ? { le: undefined } : {}
  if (metric.startsWith('temporal_')) {
    const isThere = sdk.includes(base.replace('temporal_', ''))
    return isThere ? { ...OF_ALL, ...OF_TEMPORAL, ...bounds } : undefined
  }
  const found = METRICS.find(({ name, type }) => name === (type === 'histogram' ? base : metric))
  if (!found) return OF_PROMETHEUS[metric] && { ...OF_ALL, ...OF_PROMETHEUS[metric] }
  const own = Object.entries(found.labels).map(([label, values]) => [
    label,
    'limitedBy' in values ? undefined : values,
  ])
  return { ...OF_ALL, ...Object.fromEntries(own), ...bounds }
}
