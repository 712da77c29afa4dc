// Notes where the running stack is, so that commands in other terminals find it.

import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { stackDir } from './paths.ts'

const stackNote = z.object({
  /** The process that started the stack and ends it. */
  pid: z.number().int(),
  dataDir: z.string(),
  logDir: z.string(),
  uiUrl: z.string().optional(),
  /** The variables for the bridge, the worker and the CLI. */
  env: z.record(z.string(), z.string()),
})

/** What the note says about the stack that runs. */
export type StackNote = z.infer<typeof stackNote>

const noteFile = join(stackDir, 'running.json')

/** The stack that runs in this repository, or undefined; a note left behind by a killed process does not count. */
export async function readRunningStack(file = noteFile): Promise<StackNote | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const note = stackNote.parse(JSON.parse(text))
  return isAlive(note.pid) ? note : undefined
}

/** Notes a stack, unless another that still runs has done so: the first one is the one people use. */
export async function noteRunningStack(note: StackNote, file = noteFile): Promise<void> {
  if (await readRunningStack(file)) return
  await writeNote(file, note)
}

/** Removes the note if it is this stack's own. */
export async function forgetRunningStack(note: StackNote, file = noteFile): Promise<void> {
  const noted = await readRunningStack(file)
  if (noted?.pid === note.pid && noted.dataDir === note.dataDir) await rm(file, { force: true })
}

/** Writes a note for other processes, who never see an incomplete one. */
export async function writeNote(file: string, note: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  // The note of a running stack holds the key of its payloads.
  await writeFile(draft, `${JSON.stringify(note, undefined, 2)}\n`, { mode: 0o600 })
  await rename(draft, file)
}

/** Whether a process of this id runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It lives, and belongs to somebody else.
    return isObject(error) && 'code' in error && error.code === 'EPERM'
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
