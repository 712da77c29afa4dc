// Words what a trace could not read. Pure.

import type { Missing } from '#operations/trace/ask'
import { groupBy } from '#runtime/group-by'

/** A table or service that could not be read, and why. */
export type Unread = { readonly part: string; readonly why: string }

export function toUnread(missing: Missing): Unread {
  const { part } = missing
  return missing.code === 'runs_not_read'
    ? { part, why: `${missing.runs} more workflows are not asked for.` }
    : { part, why: missing.said }
}

/** A line for each reason. */
export const missingLines = (missing: readonly Unread[]): string[] =>
  Array.from(
    groupBy(missing, ({ why }) => why),
    ([why, some]) => {
      const parts = some.map(({ part }) => part).join(', ')
      return `! ${parts} could not be read, so this is not all there is: ${why}`
    },
  )
