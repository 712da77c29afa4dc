// Draws a dashboard from its JSON and the answers to its queries, where there is no Grafana: a page with a chart for each panel.

import { type Dashboard, type Panel, panelsOf } from './dashboards.ts'
import type { Series, Span } from './prometheus.ts'

type Ask = (expr: string) => Promise<readonly Series[]>

type Line = { readonly name: string; readonly points: Series['points']; readonly color: string }

const COLORS = ['#3b7ddd', '#e0752d', '#5aa454', '#b8437a', '#8f6fc9', '#c9a227', '#3aa6a6', '#777']
const CELL = { width: 58, height: 30, gap: 6 }
const PAGE_WIDTH = 24 * CELL.width

/** An HTML page that needs nothing else. */
export async function dashboardPage(dashboard: Dashboard, ask: Ask, span: Span): Promise<string> {
  const panels = await Promise.all(panelsOf(dashboard).map((panel) => drawPanel(panel, ask, span)))
  const rows = dashboard.panels.flatMap((each) =>
    each.type === 'row' ? [box(each.gridPos, 'row', escaped(each.title))] : [],
  )
  const bottom = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h))
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
<h1>${escaped(dashboard.title)}</h1>
<main style="width:${PAGE_WIDTH}px;height:${bottom * CELL.height}px">${rows.join('')}${panels.join('')}</main>`
}

const STYLE = `
body{margin:12px;background:#f4f5f7;font:12px system-ui,sans-serif;color:#222}
h1{font-size:18px;margin:0 0 8px}main{position:relative}
section{position:absolute;box-sizing:border-box;overflow:hidden;background:#fff;border:1px solid #dcdfe4;border-radius:3px;padding:5px 8px}
.row{background:none;border:0;font-weight:600;padding:6px 0}
b{display:block;font-weight:600;white-space:nowrap}
.value{font-size:28px;text-align:center;margin-top:12px}
.legend{font-size:10px;line-height:14px;max-height:42px;overflow:hidden}
i{display:inline-block;width:10px;height:3px;margin:0 4px 3px 0}`

function box({ x, y, w, h }: Panel['gridPos'], kind: string, content: string): string {
  const place = [
    `left:${x * CELL.width}px`,
    `top:${y * CELL.height}px`,
    `width:${w * CELL.width - CELL.gap}px`,
    `height:${h * CELL.height - CELL.gap}px`,
  ]
  return `<section class="${kind}" style="${place.join(';')}">${content}</section>`
}

async function drawPanel(panel: Panel, ask: Ask, span: Span): Promise<string> {
  const answers = await Promise.all(
    panel.targets.map(async ({ expr, legendFormat }) =>
      (await ask(expr)).map((series) => ({ ...series, name: nameOf(legendFormat, series) })),
    ),
  )
  const lines = answers.flat().map(({ name, points }, i) => ({
    name,
    points,
    color: COLORS[i % COLORS.length] ?? '#777',
  }))
  const { unit } = panel.fieldConfig.defaults
  const content = panel.type === 'stat' ? drawNumber(lines, unit) : drawChart(panel, lines, span)
  return box(panel.gridPos, panel.type, `<b>${escaped(panel.title)}</b>${content}`)
}

const nameOf = (legend: string, { labels }: Series) =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim() || 'none'

const lastOf = ({ points }: Line) => points.at(-1)?.[1] ?? 0

const drawNumber = (lines: readonly Line[], unit: string) =>
  `<div class="value">${lines[0] ? shown(lastOf(lines[0]), unit) : 'no data'}</div>`

function drawChart({ gridPos, fieldConfig }: Panel, lines: readonly Line[], span: Span): string {
  const { unit, custom } = fieldConfig.defaults
  const drawn = custom?.stacking?.mode === 'normal' ? stacked(lines) : lines
  const size = { width: gridPos.w * CELL.width - 76, height: gridPos.h * CELL.height - 88 }
  const top = Math.max(...drawn.flatMap(({ points }) => points.map(([, value]) => value)), 1e-9)
  const legend = lines.map(
    (line) =>
      `<i style="background:${line.color}"></i>${escaped(line.name)} ${shown(lastOf(line), unit)} `,
  )
  return `<svg width="${size.width + 56}" height="${size.height + 12}" font-size="10" fill="#777">
${[0, 0.5, 1].map((share) => gridLine(share, top, unit, size)).join('')}
${drawn.map((line) => drawLine(line, top, span, size)).join('')}</svg>
<div class="legend">${legend.join('')}</div>`
}

type Size = { readonly width: number; readonly height: number }

function gridLine(share: number, top: number, unit: string, { width, height }: Size): string {
  const y = 6 + (1 - share) * height
  return `<line x1="50" x2="${50 + width}" y1="${y}" y2="${y}" stroke="#e6e8eb"/><text x="46" y="${y + 3}" text-anchor="end">${shown(top * share, unit)}</text>`
}

function drawLine(line: Line, top: number, { from, to }: Span, { width, height }: Size): string {
  const points = line.points.map(([at, value]) => {
    const x = 50 + ((at - from) / (to - from)) * width
    return `${x.toFixed(1)},${(6 + (1 - value / top) * height).toFixed(1)}`
  })
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${line.color}" stroke-width="1.5"/>`
}

/** Each line on top of those before it. */
function stacked(lines: readonly Line[]): Line[] {
  const sums = new Map<number, number>()
  return lines.map((line) => ({
    ...line,
    points: line.points.map(([at, value]) => {
      const sum = (sums.get(at) ?? 0) + value
      sums.set(at, sum)
      return [at, sum] as const
    }),
  }))
}

const SUFFIX: Readonly<Record<string, string>> = {
  eps: '/s',
  mps: '/s',
  cps: '/s',
  rowsps: '/s',
  s: ' s',
  ms: ' ms',
}

function shown(value: number, unit: string): string {
  if (unit === 'percentunit') return `${(value * 100).toPrecision(3)} %`
  if (unit === 'bytes') return `${(value / 1024 / 1024).toFixed(0)} MiB`
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 0
  return `${value.toFixed(digits)}${SUFFIX[unit] ?? ''}`
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
