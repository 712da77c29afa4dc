// Starts the Pub/Sub fake, or reaches the emulator PUBSUB_EMULATOR_HOST names.

import { listeningLine } from '../probes.ts'
import { startProcess } from '../process.ts'
import { checkGivenAddress, type RunningService, type ServiceContext } from '../service.ts'

export type PubsubDetails = {
  /** `host:port`, as PUBSUB_EMULATOR_HOST takes it. */
  readonly host: string
}

/** Starts a fake that keeps its messages in memory: they are gone when it stops. */
export async function startPubsub({
  tools,
  logDir,
}: ServiceContext): Promise<RunningService<PubsubDetails>> {
  const process = await startProcess({
    name: 'pubsub',
    command: [tools.pubsub ?? 'pubsub', '--port', '0', '--exit-with-stdin'],
    logDir,
    ready: listeningLine,
  })
  return { ...asService(process.address), stop: process.stop }
}

/** Describes the emulator the environment names, after checking that it is there. */
export async function reachPubsub(host: string): Promise<RunningService<PubsubDetails>> {
  await checkGivenAddress('pubsub', host)
  return asService(host)
}

const asService = (host: string): RunningService<PubsubDetails> => ({
  details: { host },
  env: { PUBSUB_EMULATOR_HOST: host },
  stop: async () => {},
})
