// A copy of the sources with a node_modules folder of its own: what an installation elsewhere finds, and nothing else.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { repoDir } from '../../deploy/local/paths.ts'
import { type Finished, type Running, startProgram } from './run-command.ts'

export type Installation = {
  readonly dir: string
  /** Starts a command of its `cli/main.ts`, or another main, as `startCommand` does. */
  readonly start: (args: readonly string[], main?: string, env?: Environment) => Running
  readonly run: (args: readonly string[], main?: string, env?: Environment) => Promise<Finished>
  /** Kills what still runs of it, and removes it. */
  readonly remove: () => Promise<void>
}

type Environment = Readonly<Record<string, string>>

const SOURCES = [
  'activation',
  'activities',
  'bridge',
  'cli',
  'contracts',
  'deploy/codec-server',
  'operations',
  'runtime',
  'warehouse',
  'workers',
  'workflows',
  'package.json',
]

// Node reads TypeScript itself from 22.18 on; for an older one, tsx is taken from where the tests are.
const reader = Reflect.get(process.features, 'typescript')
  ? []
  : [`--import=${createRequire(import.meta.url).resolve('tsx/esm')}`]

/** What the image's target `production` has. @param packages those that npm puts into its node_modules */
export function installProduction(packages: readonly string[]): Installation {
  const installation = copySources(SOURCES)
  for (const name of packages) link(join('node_modules', name), installation.dir)
  return installation
}

/** Everything, with a local stack of its own. */
export function installAll(): Installation {
  const installation = copySources([...SOURCES, 'deploy/local'])
  link('node_modules', installation.dir)
  return installation
}

function copySources(sources: readonly string[]): Installation {
  // Outside the repository, whose node_modules every folder in it would find.
  const dir = mkdtempSync(join(tmpdir(), 'car-events-'))
  for (const each of sources) cpSync(join(repoDir, each), join(dir, each), { recursive: true })
  mkdirSync(join(dir, '.stack'))
  const started: Running[] = []
  const start: Installation['start'] = (args, main = 'cli/main.ts', env = {}) => {
    const running = startProgram(process.execPath, [...reader, main, ...args], env, dir)
    started.push(running)
    return running
  }
  return {
    dir,
    start,
    run: (...asked) => start(...asked).finished,
    remove: async () => {
      for (const { child } of started) child.kill('SIGKILL')
      await Promise.all(started.map(({ finished }) => finished))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function link(path: string, dir: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  symlinkSync(join(repoDir, path), join(dir, path))
}
