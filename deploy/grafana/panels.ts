// Panels and dashboards as Grafana's foundation SDK builds them. Units and descriptions come from the catalogue of metrics.

import * as common from '@grafana/grafana-foundation-sdk/common'
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import type { MetricSpec } from '#runtime/metrics/spec'
import type { Query } from './queries.ts'

type Options = {
  /** Grafana's name of a unit. @default what the catalogue says of the first metric */
  readonly unit?: string
  /** @default the meanings of the metrics */
  readonly description?: string
  readonly stacked?: boolean
  /** Where the value becomes red, and a line is drawn. */
  readonly limit?: number
  /** True where it is red below the limit. @default false */
  readonly isLowBad?: boolean
}

export type Panel = timeseries.PanelBuilder | stat.PanelBuilder

/** Of the 24 columns of a dashboard. */
const GRAPH = { width: 8, height: 8 }
const STAT = { width: 4, height: 4 }
const FILL_PERCENT = 20

/** Readers of the dashboard choose which Prometheus it asks. */
const SOURCE = { type: 'prometheus', uid: '${datasource}' }

/** Lines over time. */
export function graph(title: string, queries: readonly Query[], options: Options = {}): Panel {
  const panel = new timeseries.PanelBuilder()
    .span(GRAPH.width)
    .height(GRAPH.height)
    .min(0)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .showLegend(true),
    )
  if (options.stacked) {
    panel
      .fillOpacity(FILL_PERCENT)
      .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'))
  }
  if (options.limit !== undefined) {
    panel.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    )
  }
  return filled(panel, title, queries, options)
}

/** One number: the latest. */
export function number(title: string, query: Query, options: Options = {}): Panel {
  const panel = new stat.PanelBuilder()
    .span(STAT.width)
    .height(STAT.height)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  return filled(panel, title, [query], options)
}

function filled<Builder extends Panel>(
  panel: Builder,
  title: string,
  queries: readonly Query[],
  { unit, description, limit, isLowBad }: Options,
): Builder {
  const metrics = queries.flatMap(({ metric }) => metric ?? [])
  const meanings = [...new Set(metrics.map(({ meaning }) => meaning))]
  panel
    .title(title)
    .description(description ?? meanings.join('\n\n'))
    .datasource(SOURCE)
    .unit(unit ?? unitOf(metrics[0]))
    .thresholds(thresholds(limit, isLowBad))
  for (const [i, query] of queries.entries()) panel.withTarget(target(query, REF_IDS.charAt(i)))
  return panel
}

/** Grafana tells the queries of a panel apart by these. */
const REF_IDS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

const target = ({ expr, legend }: Query, refId: string) =>
  new prometheus.DataqueryBuilder()
    .refId(refId)
    .datasource(SOURCE)
    .expr(expr)
    .legendFormat(legend)
    .range()

/** The first step has no value: it begins below all others. */
function thresholds(
  limit: number | undefined,
  isLowBad = false,
): dashboard.ThresholdsConfigBuilder {
  const [below, above] = isLowBad ? ['red', 'green'] : ['green', 'red']
  const steps = [
    { value: null, color: limit === undefined ? 'green' : below },
    ...(limit === undefined ? [] : [{ value: limit, color: above }]),
  ]
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps(steps)
}

const RATE_UNITS: Readonly<Partial<Record<MetricSpec['unit'], string>>> = {
  events: 'eps',
  messages: 'mps',
  seconds: 'percentunit',
}
const VALUE_UNITS: Readonly<Partial<Record<MetricSpec['unit'], string>>> = {
  seconds: 's',
  bytes: 'bytes',
}

function unitOf(metric: MetricSpec | undefined): string {
  if (metric?.type === 'counter') return RATE_UNITS[metric.unit] ?? 'cps'
  return (metric && VALUE_UNITS[metric.unit]) ?? 'short'
}

export type Row = { readonly title: string; readonly panels: readonly Panel[] }

type Dashboard = {
  /** Names the file and the address of the dashboard; it never changes. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** Labels of a metric that readers may choose values of, as in `partner` of `partner_events_total`. */
  readonly filters?: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
}

/** A dashboard as Grafana takes it from a file. */
export function toDashboard({ uid, title, description, filters = {}, rows }: Dashboard) {
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['car-events'])
    .time({ from: 'now-1h', to: 'now' })
    .timezone('utc')
    .refresh('30s')
    .readonly()
    .withVariable(
      new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    )
  for (const [label, metric] of Object.entries(filters)) builder.withVariable(filter(label, metric))
  let id = 0
  for (const { title: name, panels } of rows) {
    builder.withRow(new dashboard.RowBuilder(name).id(++id))
    for (const panel of panels) builder.withPanel(panel.id(++id))
  }
  return builder.build()
}

const filter = (label: string, metric: string) =>
  new dashboard.QueryVariableBuilder(label)
    .datasource(SOURCE)
    .query(`label_values(${metric}, ${label})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
