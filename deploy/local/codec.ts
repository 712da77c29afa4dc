/** Starts the codec server with a key of the stack's own, so that Temporal's UI shows what it stores encrypted. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newPayloadKey } from '#runtime/payload-keys'
import type { Part, PartContext } from './part.ts'
import { freePort, listeningLine } from './probes.ts'
import { nodeCommand, type RunningProcess, startProcess } from './process.ts'

export type CodecDetails = {
  /** What Temporal's UI and CLI take as their codec endpoint. */
  readonly url: string
}

const name = 'codec-server'
const defaultPort = 8888

// The UI's port is not known yet, and whoever serves a page on this machine could ask without a browser, too.
const localPages = 'http://127.0.0.1:*,http://localhost:*'

/**
 * Starts a codec server for this machine, without a token; masked, unless a caller brings the shell's
 * CODEC_SERVER_PERSONAL_TOKEN. The key is in `<dataDir>/payload-keys`, made at the first start.
 */
export const startCodec = async (
  context: Pick<PartContext, 'dataDir' | 'logDir'>,
): Promise<Part<CodecDetails>> => {
  const env = { PAYLOAD_KEYS: await keyOf(context.dataDir) }
  const process = await startOn(context.logDir, env, await freePort(defaultPort)).catch(() =>
    // Another server may take the port between the look and its use; any other failure repeats itself.
    startOn(context.logDir, env, 0),
  )
  return { details: { url: process.address }, env, stop: process.stop }
}

const startOn = (
  logDir: string,
  env: Readonly<Record<string, string>>,
  port: number,
): Promise<RunningProcess> =>
  startProcess({
    name,
    command: nodeCommand('deploy/codec-server/main.ts'),
    logDir,
    env: {
      ...env,
      CODEC_SERVER_HOST: '127.0.0.1',
      CODEC_SERVER_PORT: String(port),
      CODEC_SERVER_ORIGINS: localPages,
      CODEC_SERVER_TOKEN: '',
    },
    ready: listeningLine,
  })

/** The stack's own key, never the shell's: a key of production has no business in a demo. */
const keyOf = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'payload-keys')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeFile(file, newPayloadKey(), { flag: 'wx', mode: 0o600 }).catch(ignoreExisting)
  return readFile(file, 'utf8')
}

const ignoreExisting = (error: unknown): void => {
  // Not by its class: under Jest, Node's own errors are of another realm.
  const isThere = typeof error === 'object' && error !== null && 'code' in error
  if (!isThere || error.code !== 'EEXIST') throw error
}
