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
  /** Whether only the packages' files are wanted: their own requirements stay away, and any Python will do. */
  readonly filesOnly?: boolean
}

/** Takes wheels only, so that nothing is compiled and no package runs code of its own. */
export const pipInstall = (options: PipInstall): Promise<void> => {
  const { python, requirements, target, logFile, filesOnly = false } = options
  return runInstaller({
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
      ...(filesOnly ? ['--no-deps', '--ignore-requires-python'] : []),
      '--requirement',
      requirements,
    ],
    cwd: dirname(requirements),
    // A user's own pip settings may forbid or redirect an install; --target needs neither.
    env: { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' },
    logFile,
  })
}
