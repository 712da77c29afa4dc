// Finds Python and installs what the Beam peer needs into .stack/tools, once for each version of Python.

import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type InstallCommand, installOnce, runInstaller } from '../../../deploy/local/install.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { type OnProgress, withProgress } from '../../../deploy/local/progress.ts'

/** The folder of the peer's Python modules. */
export const beamDir = import.meta.dirname

/** How to run the peer's modules: `command -m module` with these variables. */
export type Python = {
  readonly command: string
  readonly env: Readonly<Record<string, string>>
}

type Interpreter = { readonly command: string; readonly version: string }

/** Beam 2.77 takes no older Python; its newest wheels end with 3.13. */
const BEAM_PYTHONS = { oldest: '3.10', newest: '3.13' }

/**
 * Installs Apache Beam where it is missing (some 100 MB) and returns how to run it.
 * @throws Error in one line where there is no Python of a version that Beam takes
 */
export async function ensureBeam(onProgress: OnProgress = () => {}): Promise<Python> {
  const python = await findPython(BEAM_PYTHONS)
  if (!python) {
    const { oldest, newest } = BEAM_PYTHONS
    throw new Error(`Apache Beam needs Python ${oldest} to ${newest} with pip on the PATH`)
  }
  return install(python, 'beam', onProgress)
}

/** Python with only what validation and activation need, without orjson or with it: the benchmark runs with it. */
export async function ensureValidation(parser: 'json' | 'orjson'): Promise<Python | null> {
  const python = await findPython({ oldest: '3.9' })
  return python && install(python, parser)
}

const run = promisify(execFile)

/** The first Python on the PATH within these versions. */
async function findPython(versions: {
  oldest: string
  newest?: string
}): Promise<Interpreter | null> {
  for (const command of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python']) {
    const output = await run(command, ['--version']).catch(() => null)
    const version = /^Python (\d+\.\d+)/.exec(output?.stdout ?? '')?.[1]
    if (version === undefined || isBefore(version, versions.oldest)) continue
    if (versions.newest === undefined || !isBefore(versions.newest, version))
      return { command, version }
  }
  return null
}

const isBefore = (version: string, other: string) =>
  version.localeCompare(other, 'en', { numeric: true }) < 0

/** The pins of each set; all of a set's files make its stamp. */
const PINS = {
  beam: ['requirements.txt', 'requirements-orjson.txt', 'requirements-json.txt'],
  orjson: ['requirements-orjson.txt', 'requirements-json.txt'],
  json: ['requirements-json.txt'],
} as const

/** `--target` instead of a virtual environment: it needs no more of Python than pip, and may be moved into place. */
async function install(
  python: Interpreter,
  name: keyof typeof PINS,
  onProgress: OnProgress = () => {},
): Promise<Python> {
  const pins = PINS[name].map((file) => join(beamDir, file))
  const folder = `${name}-py${python.version}`
  const installed = await installOnce(join(stackDir, 'tools'), folder, pins, (draft) =>
    withProgress(onProgress, `installing ${name} for Python ${python.version}`, () =>
      runInstaller(pipInstall(python, name, draft)),
    ),
  )
  return {
    command: python.command,
    env: { PYTHONPATH: [beamDir, installed].join(delimiter), PYTHONNOUSERSITE: '1' },
  }
}

function pipInstall(python: Interpreter, name: keyof typeof PINS, draft: string): InstallCommand {
  return {
    command: python.command,
    args: [
      '-m',
      'pip',
      'install',
      '--target',
      draft,
      '--only-binary',
      ':all:',
      '--no-input',
      '--disable-pip-version-check',
      '--requirement',
      PINS[name][0],
    ],
    cwd: beamDir,
    // A user's own pip settings may forbid or redirect an install; --target needs neither.
    env: { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' },
    logFile: join(stackDir, 'logs', `install-${name}.log`),
  }
}
