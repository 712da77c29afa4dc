// Starts a child process with its output in a log file, waits until it is ready and stops it again.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { resolve as absolute, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { monotonicMs } from '#runtime/clock'
import { logTail } from './log-tail.ts'
import { repoDir } from './paths.ts'
import type { Probe } from './probes.ts'

/** What to run and when it counts as ready. */
export type ProcessSpec = {
  /** Names the log file and appears in errors. */
  readonly name: string
  /** The program and its arguments; it must end when stdin does. */
  readonly command: readonly [string, ...string[]]
  /** Where it runs. @default the repository's root */
  readonly cwd?: string
  /** `<logDir>/<name>.log` receives stdout and stderr; an older log is replaced. */
  readonly logDir: string
  /** Added to the parent's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** @default ready as soon as it is started */
  readonly ready?: Probe
  /** @default 30 s */
  readonly readyWithinMs?: number
  /** Keep the older log and write behind it. @default false */
  readonly keepLog?: boolean
}

/** How a process ended. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A process that was ready once; `exited` settles when it ends, for whatever reason. */
export type RunningProcess = {
  readonly name: string
  readonly pid: number
  /** What the probe answered. */
  readonly address: string
  readonly logFile: string
  readonly exited: Promise<Exit>
  /** SIGTERM, then SIGKILL after the grace; resolves once it has ended. @default graceMs 10 s */
  readonly stop: (graceMs?: number) => Promise<void>
}

const preload = fileURLToPath(new URL('exit-with-parent.js', import.meta.url))
const wrapper = fileURLToPath(new URL('run-with-parent.ts', import.meta.url))

/** Node reads TypeScript itself from 22.18 on, as in the image; an older one needs tsx. */
const typeScriptReader = Reflect.get(process.features, 'typescript') ? [] : ['--import=tsx/esm']

/** The arguments of Node that run one of our mains: its bundle where BUNDLED_MAINS names a folder with one, as in tests. */
export function runMainArgs(main: string): readonly string[] {
  const { BUNDLED_MAINS: folder } = process.env
  if (folder === undefined) return [...typeScriptReader, main]
  const bundle = join(folder, relative(repoDir, absolute(repoDir, main)).replace(/ts$/, 'js'))
  return existsSync(bundle) ? [bundle] : [...typeScriptReader, main]
}

/** The command for one of our TypeScript mains, as a process that ends with its parent. */
export const nodeCommand = (main: string, ...args: readonly string[]): ProcessSpec['command'] => [
  process.execPath,
  `--import=${preload}`,
  ...runMainArgs(main),
  ...args,
]

/** The command for a program that does not watch its stdin, inside a process that does it for it. */
export const wrappedCommand = (...command: readonly string[]): ProcessSpec['command'] =>
  nodeCommand(wrapper, ...command)

const PROBE_EVERY_MS = 25

/**
 * Starts a process and resolves once its probe answers. It ends with this process, even when this
 * one is killed, and a Ctrl-C in the terminal reaches only this one.
 * @throws when it cannot be started, ends before it is ready or is not ready in time (it is stopped
 *   then); the error quotes the end of its log.
 */
export async function startProcess(spec: ProcessSpec): Promise<RunningProcess> {
  const { name, logDir, ready = () => name, readyWithinMs = 30_000 } = spec
  const logFile = join(logDir, `${name}.log`)
  await mkdir(logDir, { recursive: true, mode: 0o700 })
  const { child, logStart } = await spawnInto(logFile, spec)
  const exited = exitOf(child)
  const stop = (graceMs = 10_000) => stopGroup(child, exited, graceMs)
  const isOver = () => child.exitCode !== null || child.signalCode !== null

  const giveUpAt = monotonicMs() + readyWithinMs
  for (;;) {
    const address = await ready(await textFrom(logFile, logStart))
    if (isOver())
      throw new Error(
        `${name} ended with ${describe(await exited)} before it was ready; ${await logTail(logFile)}`,
      )
    if (address !== undefined) return { name, pid: child.pid ?? 0, address, logFile, exited, stop }
    if (monotonicMs() > giveUpAt) {
      await stop()
      throw new Error(
        `${name} was not ready in ${readyWithinMs / 1000} s; ${await logTail(logFile)}`,
      )
    }
    await sleep(PROBE_EVERY_MS)
  }
}

/** How a process ended, in words. */
export const describe = ({ code, signal }: Exit): string => signal ?? `code ${code}`

// The log is the child's own file, not a pipe: a child that outlives us for its drain can still write.
async function spawnInto(logFile: string, { command, cwd, env, keepLog }: ProcessSpec) {
  // The log of a failing program may quote events.
  const log = await open(logFile, keepLog ? 'a' : 'w', 0o600)
  try {
    await log.chmod(0o600)
    const logStart = (await log.stat()).size
    const [program, ...args] = command
    const child = spawn(program, args, {
      cwd: cwd ?? repoDir,
      env: { ...process.env, ...env },
      stdio: ['pipe', log.fd, log.fd],
      detached: true, // a process group of its own, so that Ctrl-C leaves the order of the end to us
    })
    await once(child, 'spawn')
    child.stdin?.on('error', () => {}) // it closes with the child, which `exited` already tells
    return { child, logStart }
  } finally {
    await log.close()
  }
}

const exitOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) =>
    child.once('exit', (code, signal) => {
      killGroup(child) // a killed wrapper leaves its program behind
      resolve({ code, signal })
    }),
  )

async function stopGroup(child: ChildProcess, exited: Promise<Exit>, graceMs: number) {
  child.kill('SIGTERM')
  const force = setTimeout(() => killGroup(child), graceMs)
  await exited
  clearTimeout(force)
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}

async function textFrom(file: string, start: number): Promise<string> {
  let text = ''
  for await (const chunk of createReadStream(file, { start, encoding: 'utf8' }))
    text += String(chunk)
  return text
}
