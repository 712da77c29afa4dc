// A trace as people read it: the answer, what is missing of it, and the timeline, a line each. Pure.

import { visibleInLine } from '#contracts/visible'
import { groupBy } from '#runtime/group-by'
import type { Trace } from '../trace.ts'
import type { Missing } from './ask.ts'
import { span } from './span.ts'
import type { Entry } from './timeline.ts'

export function printed(trace: Trace): string {
  const notes = missingLines(trace.missing)
  const lines = [trace.answer, ...notes, '', ...timelineLines(trace.timeline)]
  return lines.map(visibleInLine).join('\n')
}

/** A line for each reason. */
export const missingLines = (missing: readonly Missing[]): string[] =>
  Array.from(
    groupBy(missing, ({ why }) => why),
    ([why, some]) => {
      const parts = some.map(({ part }) => part).join(', ')
      return `! ${parts} could not be read, so this is not all there is: ${why}`
    },
  )

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
