// What can hold up a run that is Running, what it means, and what a person does: the failures of the registry, and Temporal's own.

import { FAILURES, type FailureType } from '#contracts'

type Known = { readonly meaning: string; readonly action: string }

const OF_TEMPORAL = {
  no_worker: {
    meaning: 'It waits for a worker, and none takes it.',
    action:
      'Start workers (`npm run worker`) on its task queue and namespace; where some run, they are too busy, or lack memory: start more.',
  },
  worker_lost: {
    meaning: 'Its worker died or hung in the middle of the step, or lost its connection.',
    action:
      'Nothing where it passes: another worker goes on. Where it repeats, look at the log and the memory of the workers.',
  },
  missing_key: {
    meaning: 'Its payloads are encrypted with a key the worker does not have.',
    action:
      'Put the key that the message names into PAYLOAD_KEYS of the workers and restart them. It then goes on.',
  },
  other_code: {
    meaning: 'The workers run other workflow code than the run was started with.',
    action:
      'Deploy the code it was started with, or guard the change (CONTRIBUTING.md, To change a workflow). It then goes on. Terminate it as the last resort: the sweep gives its events to dead letters.',
  },
  workflow_defect: {
    meaning: 'The workflow code throws an error it should not.',
    action:
      'Mend the workflow code and deploy it: the run then goes on. The log of the workers has the stack trace.',
  },
  paused: {
    meaning: 'Somebody paused the activity.',
    action: 'Unpause it: on the run in the Temporal UI, or with `temporal activity unpause`.',
  },
  unexpected: {
    meaning: 'The step fails with an error nobody has foreseen.',
    action: 'Report it with the id and the message. It is retried meanwhile.',
  },
} as const satisfies Readonly<Record<string, Known>>

export type Problem = FailureType | keyof typeof OF_TEMPORAL

export const PROBLEMS: Readonly<Record<Problem, Known>> = { ...FAILURES, ...OF_TEMPORAL }

export function isFailureType(type: string): type is FailureType {
  return type in FAILURES
}
