// Installs dbt with its adapter for BigQuery into the tools of the development kit.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installedAt, installOnce } from '../install.ts'
import { stackDir } from '../paths.ts'
import { pipInstall } from '../pip.ts'
import { type OnProgress, withProgress } from '../progress.ts'
import { findPython } from '../tools.ts'

const NAME = 'dbt'
/** The oldest Python that the pinned versions of numpy and pandas run with. */
const OLDEST_PYTHON = '3.11'
const PINS = [fileURLToPath(new URL('requirements.txt', import.meta.url))] as const
const toolsDir = join(stackDir, 'tools')

/** dbt as it is installed: the Python that runs it, and the folder of its packages. */
export type Dbt = { readonly python: string; readonly packages: string }

/** dbt, or undefined where it is not installed yet. */
export async function findDbt(): Promise<Dbt | undefined> {
  const packages = await installedAt(toolsDir, NAME, PINS)
  return packages === undefined ? undefined : { python: await pythonOf(), packages }
}

/**
 * Installs dbt by pip, which checks the hash of every package, unless it is installed already. It takes 700 MB and a few minutes.
 * @throws MissingToolError where there is no Python 3.11 with pip
 */
export async function ensureDbt(onProgress: OnProgress = () => {}): Promise<Dbt> {
  const python = await pythonOf()
  const packages = await installOnce(toolsDir, NAME, PINS, (target) =>
    withProgress(onProgress, 'installing dbt (700 MB, once)', () =>
      pipInstall({
        python,
        requirements: PINS[0],
        target,
        logFile: join(stackDir, 'logs', 'install-dbt.log'),
      }),
    ),
  )
  return { python, packages }
}

const pythonOf = () =>
  findPython(
    `install Python ${OLDEST_PYTHON}+ with pip, or run a dbt of your own in the folder dbt/ (dbt/README.md)`,
    OLDEST_PYTHON,
  )
