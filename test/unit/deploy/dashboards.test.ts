// The dashboards that are delivered: each panel asks for metrics that there are, and no metric is left out.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { METRICS } from '#runtime/metrics/catalogue'
import {
  OBJECTIVES,
  OLDEST_UNACKNOWLEDGED_SECONDS,
  STAGED_WITHIN_SECONDS,
} from '../../../deploy/prometheus/objectives.ts'
import { DASHBOARDS, panelQueries, panelsOf, readDashboards } from '../../support/dashboards.ts'
import { unknownNames } from '../../support/known-metrics.ts'
import { namedIn } from '../../support/promql.ts'

const dashboards = readDashboards()
const queries = panelQueries()

test('there are five', () => {
  expect(dashboards.map(({ title }) => title).toSorted()).toEqual([
    'Activation',
    'Partners',
    'Pipeline',
    'SLO',
    'Temporal SDK',
  ])
})

test.each(queries)(
  '$dashboard, $title: $expr is about metrics and labels that there are',
  ({ expr }) => {
    expect(unknownNames(expr)).toEqual([])
  },
)

test('every metric of the catalogue is on a dashboard', () => {
  const shown = new Set(
    queries.flatMap(({ expr }) => namedIn(expr).selectors.map(({ metric }) => metric)),
  )
  const isShown = (name: string) => shown.has(name) || shown.has(`${name}_bucket`)
  expect(METRICS.map(({ name }) => name).filter((name) => !isShown(name))).toEqual([])
})

test('panels of a dashboard and queries of a panel have ids of their own', () => {
  for (const { panels } of dashboards)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  for (const { targets } of dashboards.flatMap(panelsOf))
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
})

test('the lines of a panel have different names', () => {
  for (const { targets } of dashboards.flatMap(panelsOf)) {
    const names = targets.map(({ legendFormat }) => legendFormat)
    expect(new Set(names).size).toBe(names.length)
  }
})

test.each(queries)(
  '$dashboard, $title: the name of each line has labels that its query keeps',
  (one) => {
    const inLegend = Array.from(one.legend.matchAll(/\{\{(\w+)\}\}/g), ([, label]) => label)
    expect(namedIn(one.expr).groupedBy).toEqual(expect.arrayContaining(inLegend))
  },
)

test('each panel says what it shows, in a unit', () => {
  for (const { title, description, fieldConfig } of dashboards.flatMap(panelsOf)) {
    expect({ title, description, unit: fieldConfig.defaults.unit }).toEqual({
      title,
      description: expect.stringMatching(/\S/),
      unit: expect.stringMatching(/\S/),
    })
  }
})

test.each(dashboards)(
  '$title: no two panels lie on each other, and none is wider than the page',
  (one) => {
    const cells = one.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(one.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([])
  },
)

test.each(dashboards)('$title: its variables are those that its queries use', (one) => {
  const used = JSON.stringify(one.panels).matchAll(/\$\{?([a-z]\w*)/g)
  const names = one.templating.list.map(({ name }) => name)
  expect(new Set(Array.from(used, ([, name]) => name))).toEqual(new Set(names))
})

test('Grafana is given them where docker-compose.yml mounts them', () => {
  const provisioning: unknown = parse(
    readFileSync('deploy/grafana/provisioning/dashboards/car-events.yml', 'utf8'),
  )
  const folder = '/etc/grafana/dashboards'
  expect(provisioning).toMatchObject({ providers: [{ options: { path: folder } }] })
  const compose = readFileSync('docker-compose.yml', 'utf8')
  expect(compose).toContain(`- ./${DASHBOARDS}:${folder}:ro`)
})

const panels = dashboards.flatMap((one) =>
  panelsOf(one).map((panel) => ({
    ...panel,
    place: `${one.title}, ${panel.title}`,
    ...panel.fieldConfig.defaults,
  })),
)

const RATES = ['cps', 'eps', 'mps', 'rowsps']

/** By the names of metrics: `temporal_…_latency` has milliseconds, all others have what their name ends with. */
function unitsOf(expr: string): readonly string[] {
  if (/ \/ | > bool /.test(expr) || /rate\(\w+_seconds_total/.test(expr)) return ['percentunit']
  if (expr.includes('temporal_') && expr.includes('_latency_')) return ['ms']
  if (expr.includes('histogram_quantile')) return [expr.includes('_seconds_') ? 's' : 'short']
  if (expr.includes('rate(')) return RATES
  if (/time\(\)|(?<!timestamp)_seconds\)/.test(expr)) return ['s']
  return [expr.includes('_bytes') ? 'bytes' : 'short']
}

test.each(panels)('$place: its unit is the one of its metrics', ({ title, unit, targets }) => {
  for (const { expr } of targets)
    expect(title === 'Burn rate' ? ['short'] : unitsOf(expr)).toContain(unit)
})

const percentiles = panels.flatMap(({ place, title, targets }) =>
  targets.flatMap(({ expr, legendFormat }) => {
    const [, quantile] = /histogram_quantile\(([\d.]+)/.exec(expr) ?? []
    const [, percent] = /\bp(\d+)$/.exec(legendFormat) ?? /\bp(\d+)$/.exec(title) ?? []
    return quantile === undefined ? [] : [{ place, expr, quantile, percent }]
  }),
)

test.each(percentiles)('$place: a percentile is the one that its name says', (one) => {
  expect(Number(one.quantile)).toBe(Number(one.percent) / 100)
})

test('what is red is red from its limit on, and what must be kept is red below it', () => {
  const limited = panels.flatMap(({ place, thresholds: { steps } }) => {
    const [below, above, ...more] = steps
    if (above === undefined) return below?.color === 'green' ? [] : [[place, below]]
    return [[place, below?.color, Number(above.value?.toFixed(6)), above.color, ...more]]
  })
  const slo = OBJECTIVES.flatMap(({ target }) => [
    ['SLO, Kept', 'red', target, 'green'],
    ['SLO, Error budget left', 'red', 0, 'green'],
    ['SLO, Burn rate', 'green', 14.4, 'red'],
  ])
  expect(limited).toEqual([
    ['Activation, Share refused', 'green', 0.001, 'red'],
    ['Pipeline, Publish to staged, p99', 'green', STAGED_WITHIN_SECONDS, 'red'],
    ['Pipeline, Oldest unacknowledged', 'green', OLDEST_UNACKNOWLEDGED_SECONDS, 'red'],
    ['Pipeline, Open dead letters', 'green', 1, 'red'],
    ['Pipeline, Unaccounted', 'green', 1, 'red'],
    ['Pipeline, Publish to staged', 'green', STAGED_WITHIN_SECONDS, 'red'],
    ...slo,
  ])
})

/** Words of a title, and the metric that a panel with them shows. */
const SHOWN: readonly (readonly [title: string, metric: RegExp])[] = [
  ['Backlog in Pub/Sub', /^max .*\bpubsub_backlog_messages\b/],
  ['Oldest unacknowledged', /^\(max\(pubsub_oldest.* or max\(bridge_oldest/],
  ['Open workflows', /^max .*\bopen_workflows\b/],
  ['Open dead letters', /^(sum\()?max by \(stage\) \(dead_letters_open\)/],
  ['Unaccounted', /^max .*\bledger_unaccounted_events\b/],
  ['Received', /^sum .*\bbridge_messages_received_total\b/],
  ['Publish to staged', /\bevent_publish_to_staged_seconds_bucket\b/],
  ['Publish to accepted', /\bevent_publish_to_accepted_seconds_bucket\b/],
  ['Rows by table', /^sum by \(table\) .*\brows_written_total\b/],
  ['Dead letters opened', /^sum by \(stage\) .*\bdead_letters_opened_total\b/],
  ['Time since the last sweep', /^time\(\) - max by \(check\)/],
  ['Time since the newest event', /^time\(\) - max by \(partner\)/],
  ['Ready', /^min by \(service, instance\) \(process_ready\)/],
  ['Share refused', /outcome="failed".* \/ .*outcome=~"accepted\|failed"/],
  ['Share rejected', /decision="rejected".* \/ /],
]

test.each(SHOWN)('panels called %j show %p', (words, metric) => {
  const found = panels.filter(({ title }) => title.startsWith(words) && !title.endsWith('message'))
  expect(found).not.toEqual([])
  for (const { targets } of found) expect(targets[0]?.expr).toMatch(metric)
})
