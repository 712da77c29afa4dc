// Installs Python packages into a folder of their own, by the pip that is there.

import { dirname } from 'node:path'
import { runInstaller } from './install.ts'

export type PipInstall = {
  /** The Python to install for. */
  readonly python: string
  readonly requirements: string
  /** The folder that receives the packages; their programs are in its `bin`. */
  readonly target: string
  readonly logFile: string
}

/** Takes wheels only, so that nothing is compiled and no package runs code of its own. */
export const pipInstall = ({ python, requirements, target, logFile }: PipInstall): Promise<void> =>
  runInstaller({
    command: python,
    args: [
      '-m',
      'pip',
      'install',
      '--target',
      target,
      '--only-binary',
      ':all:',
      '--no-input',
      '--disable-pip-version-check',
      '--requirement',
      requirements,
    ],
    cwd: dirname(requirements),
    // A user's own pip settings may forbid or redirect an install; --target needs neither.
    env: { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' },
    logFile,
  })
