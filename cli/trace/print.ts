// A trace as people read it: the answer, what is missing of it, and the timeline, a line each. Pure.

import { visibleInLine } from '#contracts/visible'
import { span } from './span.ts'
import type { Entry } from './timeline.ts'
import { missingLines } from './unread.ts'
import type { Trace } from './wording.ts'

export function printed(trace: Trace): string {
  const notes = missingLines(trace.missing)
  const lines = [trace.answer, ...notes, '', ...timelineLines(trace.timeline)]
  return lines.map(visibleInLine).join('\n')
}

function timelineLines(timeline: readonly Entry[]): string[] {
  const start = timeline[0]?.at ?? ''
  const ages = timeline.map(({ at }) => `+${span(start, at)}`)
  const width = { age: longest(ages), what: longest(timeline.map(({ what }) => what)) }
  return timeline.map(({ at, what, text, source }, i) => {
    const time = at.slice(0, 23).replace('T', ' ')
    const age = (ages[i] ?? '').padStart(width.age)
    return `  ${time}  ${age}  ${what.padEnd(width.what)}  ${text}  [${source}]`
  })
}

const longest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length))
