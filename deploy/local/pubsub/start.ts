// Starts the Pub/Sub fake, or reaches the emulator PUBSUB_EMULATOR_HOST names.

import { freePort, listeningLine } from '../probes.ts'
import { startProcess } from '../process.ts'
import { checkGivenAddress, type RunningService, type ServiceContext } from '../service.ts'

export type PubsubDetails = {
  /** `host:port`, as PUBSUB_EMULATOR_HOST takes it. */
  readonly host: string
}

/** Starts a fake that keeps its messages in memory: they are gone when it stops. */
export async function startPubsub(context: ServiceContext): Promise<RunningService<PubsubDetails>> {
  // Another server may take the port between the look and its use; any other failure repeats itself.
  const { process, monitoring } = await startOnce(context).catch(() => startOnce(context))
  const { details, env } = asService(process.address)
  return { details, env: { ...env, MONITORING_EMULATOR_HOST: monitoring }, stop: process.stop }
}

async function startOnce({ tools, logDir }: ServiceContext) {
  const monitoringPort = await freePort()
  const ports = ['--port', '0', '--monitoring-port', String(monitoringPort)]
  const process = await startProcess({
    name: 'pubsub',
    command: [tools.pubsub ?? 'pubsub', ...ports, '--exit-with-stdin'],
    logDir,
    ready: listeningLine,
  })
  return { process, monitoring: `127.0.0.1:${monitoringPort}` }
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
