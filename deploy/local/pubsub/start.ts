// Starts the Pub/Sub fake, or reaches the emulator PUBSUB_EMULATOR_HOST names.

import { checkGivenAddress, type Part, type PartContext } from '../part.ts'
import { listeningLine } from '../probes.ts'
import { startProcess } from '../process.ts'

export type PubsubDetails = {
  /** `host:port`, as PUBSUB_EMULATOR_HOST takes it. */
  readonly host: string
}

/** Starts a fake that keeps its messages in memory: they are gone when it stops. */
export async function startPubsub({ tools, logDir }: PartContext): Promise<Part<PubsubDetails>> {
  const process = await startProcess({
    name: 'pubsub',
    command: [tools.pubsub ?? 'pubsub', '--port', '0', '--exit-with-stdin'],
    logDir,
    ready: listeningLine,
  })
  return { ...asPart(process.address), stop: process.stop }
}

/** Describes the emulator the environment names, after checking that it is there. */
export async function reachPubsub(host: string): Promise<Part<PubsubDetails>> {
  await checkGivenAddress('pubsub', host)
  return asPart(host)
}

const asPart = (host: string): Part<PubsubDetails> => ({
  details: { host },
  env: { PUBSUB_EMULATOR_HOST: host },
  stop: async () => {},
})
