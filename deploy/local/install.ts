// Installs a tool once into a folder named after its pins, safely when two processes do it at once.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { logTail } from './log-tail.ts'

/**
 * The folder `<toolsDir>/<name>-<stamp>`, where the stamp is the hash of the pinning files and the
 * platform. When it does not exist yet, `install` fills a draft folder that is renamed into place,
 * so the folder is always complete and the loser of a race throws its own draft away.
 */
export async function installOnce(
  toolsDir: string,
  name: string,
  pins: readonly string[],
  install: (draft: string) => Promise<void>,
): Promise<string> {
  const target = await folderOf(toolsDir, name, pins)
  if (existsSync(target)) return target
  await mkdir(toolsDir, { recursive: true })
  const draft = await mkdtemp(`${target}.`)
  try {
    await install(draft)
    await rename(draft, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return target
}

/** The folder that `installOnce` has made for these pins, or undefined if it has not. */
export async function installedAt(
  toolsDir: string,
  name: string,
  pins: readonly string[],
): Promise<string | undefined> {
  const target = await folderOf(toolsDir, name, pins)
  return existsSync(target) ? target : undefined
}

const folderOf = async (toolsDir: string, name: string, pins: readonly string[]) =>
  join(toolsDir, `${name}-${await stampOf(pins)}`)

async function stampOf(pins: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of pins) hash.update(basename(file)).update(await readFile(file))
  return hash.digest('hex').slice(0, 12)
}

/** What to run to install something, and where its full output goes. */
export type InstallCommand = {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly logFile: string
}

/** Runs an installer; when it fails, the error quotes the end of its output and names the full log. */
export async function runInstaller(installer: InstallCommand): Promise<void> {
  const { command, args, cwd, env, logFile } = installer
  await mkdir(dirname(logFile), { recursive: true })
  const log = await open(logFile, 'w')
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', log.fd, log.fd],
  })
  try {
    await once(child, 'exit')
  } finally {
    await log.close()
  }
  if (child.exitCode !== 0)
    throw new Error(`${command} ${args[0]} ended with an error; ${await logTail(logFile)}`)
}
