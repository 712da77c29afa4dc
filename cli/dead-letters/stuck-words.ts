// Says of steps that make no progress what keeps them from it, what that means, and what a person does. Pure.

import { FAILURES } from '#contracts'
import { visibleInLine } from '#contracts/visible'
import type { Step } from '#operations/stuck-runs/diagnose'
import type { Problem, TemporalProblem } from '#operations/stuck-runs/problems'
import type { HurryRefusal } from '#operations/stuck-runs/retry-now'
import { groupBy } from '#runtime/group-by'

type Words = { readonly meaning: string; readonly action: string }

const OF_TEMPORAL: Readonly<Record<TemporalProblem, Words>> = {
  no_worker: {
    meaning: 'It waits for a worker, and none takes it.',
    action:
      'Start workers (`npm run worker`) on its task queue and namespace; where some run, they are too busy, or lack memory: start more.',
  },
  limited_queue: {
    meaning: 'It waits in a task queue that is paused or has a limit.',
    action:
      'Ask `npm run activation -- status` who set the limit and why. `npm run activation -- resume` lifts it. Nothing fails meanwhile.',
  },
  worker_lost: {
    meaning: 'Its worker died or hung in the middle of the step, or lost its connection.',
    action:
      'Nothing where it passes: another worker continues. Where it repeats, look at the log and the memory of the workers.',
  },
  missing_key: {
    meaning: 'Its payloads are encrypted with a key the worker does not have.',
    action:
      'Put the key that the message names into PAYLOAD_KEYS of the workers and restart them. The run then continues.',
  },
  other_code: {
    meaning: 'The workers run other workflow code than the run was started with.',
    action:
      'Deploy the code it was started with, or guard the change (CONTRIBUTING.md, To change a workflow). The run then continues. Terminate it as the last resort: the sweep gives its events to dead letters.',
  },
  workflow_defect: {
    meaning: 'The workflow code throws an error it should not.',
    action:
      'Fix the workflow code and deploy it: the run then continues. The log of the workers has the stack trace.',
  },
  paused: {
    meaning: 'Somebody paused the activity.',
    action: 'Unpause it: on the run in the Temporal UI, or with `temporal activity unpause`.',
  },
  unexpected: {
    meaning: 'The step fails with an error that the code does not foresee.',
    action: 'Report it with the id and the message. It is retried meanwhile.',
  },
}

export const PROBLEMS: Readonly<Record<Problem, Words>> = { ...FAILURES, ...OF_TEMPORAL }

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

/** Why Temporal did not let some activities start their next attempt at once. */
export const refusalWords = ({ code, message }: HurryRefusal): string =>
  code === 'server_too_old' ? TOO_OLD : message

const TOO_OLD =
  'this Temporal server cannot reset activities (it is older than 1.28): they continue by themselves at their next attempt'
