// Checks the versions of Node, of the Temporal SDK and of the Temporal server against those that the pipeline needs.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { error, type Finding, type Report, warning } from '../finding.ts'
import type { Site } from '../site.ts'

/** The oldest Node that runs the pipeline, as in package.json. */
const NODE = [20, 12]

/** The oldest server that limits task queues, by which activation is paused and slowed down. */
const SERVER = [1, 29]

const SDK = ['activity', 'client', 'common', 'envconfig', 'proto', 'worker', 'workflow'] as const

export type Versions = {
  readonly node: string
  /** By package. Its packages must be of one version, or workers fail when they start. */
  readonly sdk: ReadonlyMap<string, string>
  readonly server: string
}

export async function checkVersions(site: Site): Promise<Report> {
  const client = await site.temporal()
  const [{ serverVersion }, sdk] = await Promise.all([
    client.workflowService.getSystemInfo({}),
    readSdkVersions(),
  ])
  const versions = { node: process.versions.node, sdk, server: serverVersion }
  const seen = `Node ${versions.node}, Temporal SDK ${sdk.get('client')}, server ${serverVersion}`
  return { seen, findings: judgeVersions(versions) }
}

/** Pure. */
export function judgeVersions({ node, sdk, server }: Versions): Finding[] {
  const findings: Finding[] = []
  if (isOlder(node, NODE))
    findings.push(
      error('Node', `This is Node ${node}.`, `Install Node ${NODE.join('.')} or newer.`),
    )
  if (new Set(sdk.values()).size > 1)
    findings.push(error('@temporalio/*', `The packages differ: ${textOf(sdk)}.`, 'Run `npm ci`.'))
  if (isOlder(server, SERVER))
    findings.push(
      warning(
        'the Temporal server',
        `Version ${server} cannot limit a task queue: activation cannot be paused or slowed down.`,
        `Upgrade the server to ${SERVER.join('.')} or newer.`,
      ),
    )
  return findings
}

const textOf = (versions: ReadonlyMap<string, string>) =>
  [...versions].map(([name, version]) => `${name} ${version}`).join(', ')

/** False where the text is no version: Temporal Cloud need not tell its own. */
function isOlder(version: string, [major = 0, minor = 0]: readonly number[]): boolean {
  const [, ownMajor, ownMinor] = /^(\d{1,9})\.(\d{1,9})/.exec(version) ?? []
  if (ownMajor === undefined) return false
  const difference = Number(ownMajor) - major
  return difference < 0 || (difference === 0 && Number(ownMinor) < minor)
}

async function readSdkVersions(): Promise<Map<string, string>> {
  const { resolve } = createRequire(import.meta.url)
  const entries = SDK.map(async (name): Promise<[string, string]> => {
    const text = await readFile(resolve(`@temporalio/${name}/package.json`), 'utf8')
    return [name, versionIn(JSON.parse(text))]
  })
  return new Map(await Promise.all(entries))
}

const versionIn = (manifest: unknown): string =>
  typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
