/** Gives each test file a folder of its own under .stack/test, and tells which processes are alive. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { stackDir } from '../../deploy/local/paths.ts'

/** A new empty folder; `remove` deletes it. */
export const createScratch = () => {
  const dir = join(stackDir, 'test', randomUUID())
  mkdirSync(dir, { recursive: true })
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) }
}

/** Resolves once the condition holds; throws after the time limit. */
export const eventually = async (
  condition: () => Promise<boolean> | boolean,
  withinMs = 20_000,
) => {
  const end = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`still not so after ${withinMs} ms: ${condition.toString()}`)
    await sleep(20)
  }
}

/** Whether a process is there and not just waiting to be reaped. */
export const isAlive = async (pid: number): Promise<boolean> =>
  (await processes()).some((found) => found.pid === pid)

/** The process ids below a process, at any depth. */
export const descendantsOf = async (pid: number): Promise<number[]> => {
  const all = await processes()
  const below = (parent: number): number[] =>
    all
      .filter((found) => found.parent === parent)
      .flatMap((found) => [found.pid, ...below(found.pid)])
  return below(pid)
}

const processes = async () => {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,stat=,comm='])
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state, name]) => !state?.startsWith('Z') && name !== 'ps')
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }))
}
