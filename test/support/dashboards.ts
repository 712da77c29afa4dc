// The dashboards that are delivered, as Grafana reads them.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const DASHBOARDS = 'deploy/grafana/dashboards'

const place = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() })
const threshold = z.object({ value: z.number().nullable(), color: z.string() })
const row = z.object({ id: z.number(), type: z.literal('row'), title: z.string(), gridPos: place })
const panel = z.object({
  id: z.number(),
  type: z.enum(['timeseries', 'stat']),
  title: z.string(),
  description: z.string(),
  gridPos: place,
  datasource: z.object({ uid: z.string() }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })),
  fieldConfig: z.object({
    defaults: z.object({
      unit: z.string(),
      thresholds: z.object({ steps: z.array(threshold) }),
      custom: z.object({ stacking: z.object({ mode: z.string() }).optional() }).optional(),
    }),
  }),
})
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(z.union([row, panel])),
  templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
})

export type Panel = z.output<typeof panel>
export type Dashboard = z.output<typeof dashboard>

/** All of them, in the order of their files. */
export const readDashboards = (): Dashboard[] =>
  readdirSync(DASHBOARDS).map((file) => readDashboard(file.replace('.json', '')))

/** @param name of the file, without `.json` */
export const readDashboard = (name: string): Dashboard =>
  dashboard.parse(JSON.parse(readFileSync(join(DASHBOARDS, `${name}.json`), 'utf8')))

/** Without the titles of rows. */
export const panelsOf = ({ panels }: Dashboard): Panel[] =>
  panels.flatMap((each) => (each.type === 'row' ? [] : [each]))

export type PanelQuery = {
  readonly dashboard: string
  readonly title: string
  readonly legend: string
  readonly expr: string
}

/** Every query of every panel. */
export const panelQueries = (): PanelQuery[] =>
  readDashboards().flatMap((each) =>
    panelsOf(each).flatMap(({ title, targets }) =>
      targets.map(({ expr, legendFormat }) => ({
        dashboard: each.title,
        title,
        legend: legendFormat,
        expr,
      })),
    ),
  )
