// Asks a Prometheus what the panels of the dashboards and the alerts ask it.

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { PanelQuery } from './dashboards.ts'
import type { Prometheus, Series, Span } from './prometheus.ts'
import { namedIn } from './promql.ts'

/** What Grafana puts in place of its variables, for a scrape a second and a run of less than an hour. */
const VARIABLES: Readonly<Record<string, string>> = {
  $__rate_interval: '15s',
  $__interval: '1s',
  $__range: '1h',
  $partner: '.*',
}

export function resolved(expr: string): string {
  return expr.replaceAll(/\$\w+/g, (name) => {
    const value = VARIABLES[name]
    if (value === undefined) throw new Error(`no value for ${name} in ${expr}`)
    return value
  })
}

const hasPoints = (series: readonly Series[]) => series.some(({ points }) => points.length > 0)

/** The queries that have no value at any time of the span. */
export async function emptyOf(
  prometheus: Prometheus,
  queries: readonly PanelQuery[],
  span: Span,
): Promise<string[]> {
  const empty: string[] = []
  for (const { dashboard, title, expr } of queries) {
    const series = await prometheus.range(resolved(expr), span)
    if (!hasPoints(series)) empty.push(`${dashboard}, ${title}: ${expr}`)
  }
  return empty
}

const rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
})

/** Each selector of each alert, as a query. */
export function alertSelectors(): PanelQuery[] {
  const { groups } = rules.parse(parse(readFileSync('deploy/prometheus/rules.yml', 'utf8')))
  return groups.flatMap((group) =>
    group.rules.flatMap(({ alert, expr }) =>
      namedIn(expr).selectors.map(({ text }) => ({
        dashboard: 'Alerts',
        title: alert,
        legend: '',
        expr: text,
      })),
    ),
  )
}
