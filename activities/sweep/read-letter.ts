// Reads the dead letter with which a run was started.

import type { Client } from '@temporalio/client'
import type { DeadLetter, RunId } from '#contracts'
import { readInput } from '#runtime/run-input'

/** @throws TypeError where its input is not a dead letter; whatever `readInput` throws */
export async function readLetter(client: Client, run: RunId): Promise<DeadLetter> {
  const [letter] = await readInput(client, run)
  if (!isLetter(letter)) throw new TypeError('its input is not a dead letter')
  return letter
}

/** Only this pipeline starts dead letters, so that it is enough to check the outline. */
function isLetter(input: unknown): input is DeadLetter {
  return (
    typeof input === 'object' && input !== null && 'events' in input && Array.isArray(input.events)
  )
}
