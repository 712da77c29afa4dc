// Reads the dead letter a run was started with.

import type { Client } from '@temporalio/client'
import type { DeadLetter, RunId } from '#contracts'
import { readInput } from '#runtime/run-input'

/** @throws TypeError where its input is not a dead letter; whatever `readInput` throws */
export async function readLetter(client: Client, run: RunId): Promise<DeadLetter> {
  const [letter] = await readInput(client, run)
  if (!isLetter(letter)) throw new TypeError('its input is not a dead letter')
  return letter
}

/** Nobody but this pipeline starts dead letters: it is one wherever it has the outline of one. */
function isLetter(input: unknown): input is DeadLetter {
  return (
    typeof input === 'object' && input !== null && 'events' in input && Array.isArray(input.events)
  )
}
