// Draws the throughput as a bar chart, in SVG. Pure.

import { type Contender, contenders, type Throughput } from './compared.ts'

const LABEL: Readonly<Record<Contender, string>> = {
  pipeline: 'this pipeline',
  direct: 'no orchestrator',
  beam: 'Apache Beam',
  perEvent: 'workflow per event',
}

const WIDTH = 720
const ROW = 44
const LABEL_WIDTH = 170
const VALUE_WIDTH = 110

export function chartOf({ eventsPerSecond }: Throughput): string {
  const most = Math.max(...Object.values(eventsPerSecond))
  const height = contenders.length * ROW + 50
  const bars = contenders.map((contender, row) => {
    const value = eventsPerSecond[contender]
    const length = Math.max(1, (value / most) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH))
    const y = 40 + row * ROW
    const fill = contender === 'pipeline' ? '#1a73e8' : '#9aa0a6'
    return `<text x="${LABEL_WIDTH - 10}" y="${y + 20}" text-anchor="end">${LABEL[contender]}</text>
<rect x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(0)}" height="28" rx="3" fill="${fill}"/>
<text x="${(LABEL_WIDTH + length + 8).toFixed(0)}" y="${y + 20}">${value.toLocaleString('en')}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="14" fill="#202124">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="24" font-weight="bold">Events a second, full subscription to last row and call (median)</text>
${bars.join('\n')}
</svg>
`
}
