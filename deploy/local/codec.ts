// Starts the codec server with a key of the stack's own, so that Temporal's UI shows what it stores encrypted.

import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { newPayloadKey } from '#runtime/payload-keys'
import { freePort, listeningLine } from './probes.ts'
import { nodeCommand, type RunningProcess, startProcess } from './process.ts'
import type { RunningService, ServiceContext } from './service.ts'

export type CodecDetails = {
  /** What Temporal's UI and CLI take as their codec endpoint. */
  readonly url: string
  /** The file with the token that Temporal's CLI sends; pages of the UI need none. */
  readonly tokenFile: string
}

const name = 'codec-server'
const DEFAULT_PORT = 8888

/**
 * Starts a codec server for this machine, which answers the pages of Temporal's UI, and whoever sends the token of
 * `<dataDir>/codec-token`: masked, unless a caller brings the shell's CODEC_SERVER_PERSONAL_TOKEN. Its key is in
 * `<dataDir>/payload-keys`. Both are made at the first start, for their owner alone to read.
 */
export async function startCodec({
  dataDir,
  logDir,
  uiPorts,
}: Pick<ServiceContext, 'dataDir' | 'logDir' | 'uiPorts'>): Promise<RunningService<CodecDetails>> {
  const tokenFile = join(dataDir, 'codec-token')
  // The stack's own key, never the shell's: a key of production has no business in a demo.
  const env = { PAYLOAD_KEYS: await madeOnce(join(dataDir, 'payload-keys'), newPayloadKey()) }
  const token = await madeOnce(tokenFile, randomBytes(32).toString('hex'))
  const own = {
    ...env,
    CODEC_SERVER_TOKEN: token,
    CODEC_SERVER_ORIGINS: uiPorts.flatMap(originsOf).join(','),
  }
  const process = await startOn(logDir, own, await freePort(DEFAULT_PORT)).catch(() =>
    // Another server may take the port between the look and its use; any other failure repeats itself.
    startOn(logDir, own, 0),
  )
  return { details: { url: process.address, tokenFile }, env, stop: process.stop }
}

const originsOf = (port: number) => [`http://127.0.0.1:${port}`, `http://localhost:${port}`]

const startOn = (
  logDir: string,
  env: Readonly<Record<string, string>>,
  port: number,
): Promise<RunningProcess> =>
  startProcess({
    name,
    command: nodeCommand('deploy/codec-server/main.ts', '--without-token'),
    logDir,
    env: {
      ...env,
      CODEC_SERVER_HOST: '127.0.0.1',
      CODEC_SERVER_PORT: String(port),
    },
    ready: listeningLine,
  })

/** What the file has; where there is none, it is written, for its owner alone. */
async function madeOnce(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(file, text, { flag: 'wx', mode: 0o600 }).catch(ignoreExisting)
  return readFile(file, 'utf8')
}

function ignoreExisting(error: unknown): void {
  // Not by its class: under Jest, Node's own errors are of another realm.
  const isThere = typeof error === 'object' && error !== null && 'code' in error
  if (!isThere || error.code !== 'EEXIST') throw error
}
