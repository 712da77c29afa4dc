// Runs dbt on the project in the folder dbt/, against a BigQuery.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { repoDir, stackDir } from '../paths.ts'
import type { Dbt } from './install.ts'

/** Where dbt builds: a local server, or the project that the environment names. */
export type Place = {
  readonly target: 'local' | 'cloud'
  readonly project: string
  /** The base URL of a local BigQuery, without `/bigquery/v2`. */
  readonly url?: string
}

export type RunOptions = {
  /** The project of dbt. @default the folder dbt/ */
  readonly projectDir?: string
  /** Receives what dbt writes. @default .stack/dbt */
  readonly folder?: string
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Where dbt prints. @default the terminal of this process */
  readonly stdio?: 'inherit' | 'pipe'
}

export type Finished = { readonly code: number; readonly printed: string }

const RUN_DBT = 'from dbt.cli.main import cli; cli()'

/**
 * Runs one command of dbt.
 * @param args the command and its options, such as `build`, `--full-refresh`
 * @returns dbt's exit code (0: all is well, 1: a model or a test failed, 2: the command is wrong), and what it printed
 *   where that was piped
 */
export async function runDbt(
  { python, packages }: Dbt,
  place: Place,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const { stdio = 'inherit' } = options
  const child = spawn(python, ['-c', RUN_DBT, ...args], {
    cwd: repoDir,
    env: { ...process.env, ...environmentOf(packages, place, options) },
    stdio: ['ignore', stdio, stdio],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  await once(child, 'close')
  return { code: child.exitCode ?? 1, printed }
}

function environmentOf(packages: string, place: Place, options: RunOptions) {
  const { projectDir = join(repoDir, 'dbt'), folder = join(stackDir, 'dbt'), env } = options
  return {
    PYTHONPATH: packages,
    DBT_PROJECT_DIR: projectDir,
    DBT_PROFILES_DIR: projectDir,
    DBT_TARGET: place.target,
    DBT_TARGET_PATH: join(folder, 'target'),
    DBT_LOG_PATH: join(folder, 'logs'),
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    DBT_VERSION_CHECK: 'false',
    GOOGLE_CLOUD_PROJECT: place.project,
    ...(place.url !== undefined && { DBT_BIGQUERY_URL: place.url }),
    ...env,
  }
}
