// Installs dbt, when it is asked for, and runs the project in this folder against a server.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installedAt, installOnce } from '../../../deploy/local/install.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { pipInstall } from '../../../deploy/local/pip.ts'
import { startProgram } from '../run-command.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const PYTHON = 'python3'
const tools = join(stackDir, 'tools')
const requirements = here('requirements.txt')

/** How to have dbt installed. */
export const HOW_TO_INSTALL = 'DBT_TESTS=1 npm run jest -- test/integration/local-bigquery/dbt'

/** The folder of dbt's packages, 700 MB, which are installed with `DBT_TESTS=1` alone; undefined without them. */
export async function dbtPackages(): Promise<string | undefined> {
  if (process.env['DBT_TESTS'] !== '1') return installedAt(tools, 'dbt', [requirements])
  return installOnce(tools, 'dbt', [requirements], (target) =>
    pipInstall({
      python: PYTHON,
      requirements,
      target,
      logFile: join(stackDir, 'logs', 'install-dbt.log'),
    }),
  )
}

/**
 * `dbt build` of the project: its seed, models, data tests and unit tests.
 * @param folder receives what dbt writes
 * @returns the exit code, and everything it said
 */
export async function dbtBuild(packages: string, url: string, folder: string) {
  const env = {
    PYTHONPATH: packages,
    BIGQUERY_URL: url,
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    DBT_PROJECT_DIR: here('project'),
    DBT_PROFILES_DIR: here('project'),
    DBT_TARGET_PATH: join(folder, 'target'),
    DBT_LOG_PATH: join(folder, 'logs'),
  }
  const args = ['-m', 'dbt.cli.main', 'build', '--no-use-colors', '--no-version-check']
  const { code, stdout, stderr } = await startProgram(PYTHON, args, env, folder).finished
  return { code, said: `${stdout}${stderr}` }
}
