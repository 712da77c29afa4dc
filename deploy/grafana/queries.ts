// PromQL for panels, made from the catalogue of metrics: a name or a label that is not in it is a type error.

import type { ACTIVITY_METRICS } from '#runtime/metrics/activity-metrics'
import type { BRIDGE_METRICS } from '#runtime/metrics/bridge-metrics'
import { METRICS } from '#runtime/metrics/catalogue'
import type { PROCESS_METRICS } from '#runtime/metrics/process-metrics'
import type { MetricSpec } from '#runtime/metrics/spec'
import type {
  GOVERNOR_METRICS,
  ISOLATION_METRICS,
  SWEEP_METRICS,
} from '#runtime/metrics/worker-metrics'

type In<Group> = Group[keyof Group]
type Known =
  | In<typeof ACTIVITY_METRICS>
  | In<typeof BRIDGE_METRICS>
  | In<typeof PROCESS_METRICS>
  | In<typeof SWEEP_METRICS>
  | In<typeof GOVERNOR_METRICS>
  | In<typeof ISOLATION_METRICS>

type NameOf<Type extends MetricSpec['type']> = Extract<Known, { readonly type: Type }>['name']
type LabelOf<Name> = 'service' | (keyof Extract<Known, { readonly name: Name }>['labels'] & string)

/** One line of a panel, or several where labels tell them apart. */
export type Query = {
  readonly expr: string
  /** Grafana puts the value of a label in place of `{{label}}`. */
  readonly legend: string
  /** What the panel's unit and description are taken from. */
  readonly metric?: MetricSpec
}

/** Grafana's window for rates: at least four scrapes. */
export const WINDOW = '$__rate_interval'

const specOf = (name: Known['name']): MetricSpec => {
  const found = METRICS.find((metric) => metric.name === name)
  if (!found) throw new Error(`The catalogue of metrics has no ${name}.`)
  return found
}

function legendOf({ unit }: MetricSpec, labels: readonly string[]): string {
  if (labels.length > 0) return labels.map((label) => `{{${label}}}`).join(' ')
  return unit === '1' ? 'count' : unit
}

const grouped = (labels: readonly string[]) => (labels.length === 0 ? '' : ` by (${labels.join()})`)

/** What a counter counts in a second, over all processes, a line for each value of the labels. @param where a selector such as {outcome="failed"} */
export function rates<Name extends NameOf<'counter'>>(
  name: Name,
  labels: readonly LabelOf<Name>[] = [],
  where = '',
): Query {
  const metric = specOf(name)
  const expr = `sum${grouped(labels)} (rate(${name}${where}[${WINDOW}]))`
  return { expr, legend: legendOf(metric, labels), metric }
}

/** The largest value that a process has, a line for each value of the labels. */
export function highest<Name extends NameOf<'gauge'>>(
  name: Name,
  labels: readonly LabelOf<Name>[] = [],
): Query {
  const metric = specOf(name)
  return {
    expr: `max${grouped(labels)} (${name})`,
    legend: legendOf(metric, labels),
    metric,
  }
}

/** Three lines: the 50th, 95th and 99th percentile of a histogram. */
export const percentiles = (name: NameOf<'histogram'>): Query[] =>
  [50, 95, 99].map((percent) => percentile(name, percent))

export const percentile = (name: NameOf<'histogram'>, percent: number): Query =>
  about(
    name,
    `histogram_quantile(${percent / 100}, sum by (le) (rate(${name}_bucket[${WINDOW}])))`,
    `p${percent}`,
  )

/** An expression of one's own about a metric of the catalogue. */
export const about = (name: Known['name'], expr: string, legend: string): Query => ({
  ...raw(expr, legend),
  metric: specOf(name),
})

/** An expression that is more than one metric, or is about a metric of Temporal's SDK. */
export const raw = (expr: string, legend: string): Query => ({ expr, legend })

/** The same line under another name. */
export const named = (legend: string, query: Query): Query => ({ ...query, legend })
