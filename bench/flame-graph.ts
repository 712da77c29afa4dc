// A CPU profile as a flame graph, in SVG: a box for each call, as wide as its share of the time, on top of the one that called it. Pure.

import { groupBy } from '#runtime/group-by'
import type { CpuProfile, ProfileNode } from './profile.ts'

/** A call, and what it calls; calls of the same function by the same caller are one. */
type Frame = {
  readonly name: string
  readonly where: string
  readonly microseconds: number
  readonly calls: readonly Frame[]
}

const WIDTH = 1200
const ROW = 16
const TITLE_HEIGHT = 30
/** Narrower boxes are left out: nobody sees them. */
const MIN_SHARE = 0.001
const CHARACTER_WIDTH = 5.6

export function flameGraphOf(profile: CpuProfile, title: string): string {
  const root = rootOf(profile)
  const total = root.microseconds
  const height = depthOf(root, total) * ROW + TITLE_HEIGHT
  const box = (frame: Frame, left: number, depth: number): string[] => {
    const width = (frame.microseconds / total) * WIDTH
    const y = height - (depth + 1) * ROW
    let at = left
    const above = shown(frame, total).flatMap((call) => {
      const boxes = box(call, at, depth + 1)
      at += (call.microseconds / total) * WIDTH
      return boxes
    })
    return [drawn(frame, { left, width, y, total }), ...above]
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="10" fill="#202124">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="6" y="18" font-size="13" font-weight="bold">${escaped(title)}</text>
${box(root, 0, 0).join('\n')}
</svg>
`
}

export type Share = { readonly where: string; readonly share: number }

/** The share of the time spent in each file of ours and each package of others, itself and not what it calls; largest first. */
export function sharesOf(profile: CpuProfile): Share[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const own = new Map<string, number>()
  let total = 0
  for (const [id, microseconds] of selfTimes(profile)) {
    const node = nodes.get(id)
    if (!node || isIdle(node)) continue
    const where = whereOf(node)
    own.set(where, (own.get(where) ?? 0) + microseconds)
    total += microseconds
  }
  const shares = [...own].map(([where, microseconds]) => ({ where, share: microseconds / total }))
  return shares.toSorted((a, b) => b.share - a.share)
}

function rootOf(profile: CpuProfile): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const self = selfTimes(profile)
  const frameOf = (same: readonly ProfileNode[]): Frame => {
    const children = same.flatMap(({ children: ids = [] }) =>
      ids.flatMap((id) => nodes.get(id) ?? []),
    )
    const busy = children.filter((child) => !isIdle(child))
    const calls = [...groupBy(busy, nameOf).values()].map(frameOf)
    const own = same.reduce((sum, { id }) => sum + (self.get(id) ?? 0), 0)
    const microseconds = calls.reduce((sum, call) => sum + call.microseconds, own)
    const [first] = same
    return {
      name: first ? nameOf(first) : '',
      where: first ? whereOf(first) : '',
      microseconds,
      calls: calls.toSorted((a, b) => a.name.localeCompare(b.name)),
    }
  }
  return frameOf(profile.nodes.slice(0, 1))
}

function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const times = new Map<number, number>()
  for (const [i, id] of samples.entries())
    times.set(id, (times.get(id) ?? 0) + (timeDeltas[i] ?? 0))
  return times
}

const isIdle = ({ callFrame }: ProfileNode) => callFrame.functionName === '(idle)'

function nameOf(node: ProfileNode): string {
  const { functionName } = node.callFrame
  const where = whereOf(node)
  return functionName === where ? where : `${functionName || '(anonymous)'} ${where}`
}

/** The package, the module of Node, or the file of ours. */
function whereOf({ callFrame: { url, functionName } }: ProfileNode): string {
  const inPackage = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (inPackage !== undefined) return inPackage
  if (url.startsWith('node:')) return 'Node'
  const file = url.split('/').slice(-2)
  if (file.length === 2 && !file.includes('')) return file.join('/')
  return functionName.startsWith('(') ? functionName : 'Node'
}

const shown = ({ calls }: Frame, total: number) =>
  calls.filter(({ microseconds }) => microseconds / total >= MIN_SHARE)

function depthOf(frame: Frame, total: number): number {
  return 1 + Math.max(0, ...shown(frame, total).map((call) => depthOf(call, total)))
}

type Place = {
  readonly left: number
  readonly width: number
  readonly y: number
  readonly total: number
}

function drawn(frame: Frame, { left, width, y, total }: Place): string {
  const percent = ((frame.microseconds / total) * 100).toFixed(1)
  const room = Math.floor((width - 6) / CHARACTER_WIDTH)
  const label =
    room < 3
      ? ''
      : `<text x="${(left + 3).toFixed(1)}" y="${y + 11}">${escaped(frame.name.slice(0, room))}</text>`
  return `<g><title>${escaped(frame.name)} ${percent} %</title><rect x="${left.toFixed(1)}" y="${y}" width="${Math.max(0.5, width - 0.5).toFixed(1)}" height="${ROW - 1}" fill="${colourOf(frame.where)}"/>${label}</g>`
}

/** The same file or package has the same colour, between yellow and red. */
function colourOf(where: string): string {
  const sum = Array.from(where).reduce(
    (total, character) => (total * 31 + (character.codePointAt(0) ?? 0)) % 997,
    7,
  )
  return `hsl(${15 + (sum % 40)},${70 + (sum % 25)}%,${62 + (sum % 10)}%)`
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
