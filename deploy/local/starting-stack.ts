// Notes that a demo is starting, so that commands in other terminals wait for its tables.

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { stackDir } from './paths.ts'
import { isAlive, writeNote } from './running-stack.ts'

const noteFile = join(stackDir, 'starting.json')

const startNote = z.object({ pid: z.number().int() })

/** Notes that this process is about to replace the tables of the last demo. */
export const noteStartingStack = (file = noteFile): Promise<void> =>
  writeNote(file, { pid: process.pid })

/** The process that is starting a demo, or undefined; a note left behind by a killed process does not count. */
export async function readStartingStack(file = noteFile): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { pid } = startNote.parse(JSON.parse(text))
  return isAlive(pid) ? pid : undefined
}

/** Removes the note if it is this process's own. */
export async function forgetStartingStack(file = noteFile): Promise<void> {
  if ((await readStartingStack(file)) === process.pid) await rm(file, { force: true })
}
