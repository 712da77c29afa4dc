// `npm run codec-server`: shows Temporal's UI and CLI what encrypted payloads hold, until SIGTERM.

import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { codecServerConfig, readConfig, redacted } from '#runtime/config'
import { ConfigError } from '#runtime/errors'
import { createLogger } from '#runtime/log'
import { runMain } from '#runtime/main'
import { newPayloadKey } from '#runtime/payload-keys'
import { refuseOpenNetwork } from './access.ts'
import { startCodecServer } from './server.ts'

const USAGE = `Usage: npm run codec-server -- [options]

Decrypts payloads for Temporal's UI and CLI, with PAYLOAD_KEYS. Batches are shown as JSON, personal data is
masked; CODEC_SERVER_PERSONAL_TOKEN shows it. Variables: see .env.example.

  --new-key         print a fresh pair for PAYLOAD_KEYS, and end
  --without-token   pages of CODEC_SERVER_ORIGINS need no token, though other machines may reach it or there is a
                    CODEC_SERVER_TOKEN: something else keeps others out
  --help            this text

Examples:
  export PAYLOAD_KEYS=$(npm run -s codec-server -- --new-key)
  npm run codec-server
  CODEC_SERVER_TOKEN=$(openssl rand -hex 32) npm run codec-server    # Temporal's CLI needs it, the UI's pages do not otherwise
  temporal workflow result --workflow-id ID --codec-endpoint https://codec.example.com --codec-auth "Bearer $CODEC_SERVER_TOKEN"
`

async function main(): Promise<void> {
  const options = readOptions()
  if (options.help) process.stdout.write(USAGE)
  else if (options['new-key']) process.stdout.write(`${newPayloadKey()}\n`)
  else await serve(options['without-token'])
}

async function serve(isKeptPrivate: boolean): Promise<void> {
  const config = readConfig(codecServerConfig, process.env)
  if (!isKeptPrivate) refuseOpenNetwork(config)
  const log = createLogger('codec-server', config.LOG_LEVEL)
  log.info({ ...redacted(config), keyIds: config.PAYLOAD_KEYS?.map(({ id }) => id) }, 'starting')
  if (!config.PAYLOAD_KEYS)
    log.warn('PAYLOAD_KEYS is not set: nothing can be decrypted. Set it as the workers have it')
  const server = await startCodecServer(config, log, isKeptPrivate)
  process.stdout.write(`${JSON.stringify({ listening: server.url })}\n`)
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  await server.close()
}

function readOptions() {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({ options: { help: flag, 'new-key': flag, 'without-token': flag } }).values
  } catch (cause) {
    throw new ConfigError(`${cause instanceof Error ? cause.message : String(cause)} See --help.`)
  }
}

await runMain(main)
