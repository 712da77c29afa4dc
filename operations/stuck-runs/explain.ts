// Says of steps that do not go on what holds them up, what it means, and what a person does. Pure.

import { visibleInLine } from '#contracts/visible'
import { groupBy } from '#runtime/group-by'
import type { Step } from './diagnose.ts'
import { PROBLEMS, type Problem } from './problems.ts'

/** One paragraph a problem, however many steps have it. */
export function explain(steps: readonly Step[]): string[] {
  return Array.from(
    groupBy(steps, ({ problem }) => problem),
    paragraph,
  )
}

function paragraph([problem, some]: readonly [Problem, readonly Step[]]): string {
  const { meaning, action } = PROBLEMS[problem]
  const message = some.find((one) => one.message !== null)?.message
  const end = some.flatMap(({ gives_up_at }) => gives_up_at ?? []).toSorted()[0]
  return [
    `${problem} (${some.length}): ${meaning}`,
    ...(message ? [`  It says: ${visibleInLine(message)}`] : []),
    `  What to do: ${action}`,
    ...(end
      ? [`  It gives up at ${end}: its run fails then, and its events wait in a dead letter.`]
      : []),
  ].join('\n')
}
