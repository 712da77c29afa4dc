// Starts the Temporal dev server with its UI, or reaches the one TEMPORAL_ADDRESS names.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Connection } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { freePort, type Probe } from './probes.ts'
import { startProcess, wrappedCommand } from './process.ts'
import { checkGivenAddress, type RunningService, type ServiceContext } from './service.ts'

export type TemporalDetails = {
  /** `host:port` of the gRPC front end. */
  readonly address: string
  readonly namespace: string
  /** Undefined for a server that somebody else runs. */
  readonly uiUrl: string | undefined
}

const name = 'temporal'
const host = '127.0.0.1'
const DEFAULT_PORT = 7233
const namespace = 'default'

// The dead-letter commands list many runs in a row; the default of 10 visibility reads a second is for shared clusters.
const VISIBILITY_READS_PER_SECOND = 1_000
const dynamicConfig = {
  'matching.enableFairness': true, // a workflow may name a fairness key
  'frontend.namespaceRPS.visibility': VISIBILITY_READS_PER_SECOND,
  // A run is deleted once its queues have moved past its end, which they note every 30 seconds by default.
  'history.transferProcessorUpdateAckInterval': '"1s"',
  'history.visibilityProcessorUpdateAckInterval': '"1s"',
}

/** Starts a dev server that keeps its state in `<dataDir>/temporal.db`; it is ready for workflows when this resolves. */
export async function startTemporal(
  context: ServiceContext,
): Promise<RunningService<TemporalDetails>> {
  const port = await freePort(DEFAULT_PORT)
  const [uiPort, spareUiPort] = context.uiPorts
  try {
    return await startOn(context, port, uiPort)
  } catch (error) {
    // Another server may take a port between the look and its use; any other failure would repeat itself.
    const log = await readFile(join(context.logDir, `${name}.log`), 'utf8').catch(() => '')
    if (!log.includes('address already in use')) throw error
    return startOn(context, await freePort(), spareUiPort)
  }
}

async function startOn(
  context: ServiceContext,
  port: number,
  uiPort: number,
): Promise<RunningService<TemporalDetails>> {
  const address = `${host}:${port}`
  const codecUrl = await context.codecUrl
  const codec = codecUrl === undefined ? [] : [`--ui-codec-endpoint=${codecUrl}`]
  const args = [...flags(context, port, uiPort), ...codec]
  const process = await startProcess({
    name,
    command: wrappedCommand(context.tools.temporal ?? 'temporal', ...args),
    logDir: context.logDir,
    ready: hasNamespace(address),
  })
  const details = { address, namespace, uiUrl: `http://${host}:${uiPort}` }
  return { ...asService(details), stop: process.stop }
}

/** Describes the server the environment names, after checking that it is there. */
export async function reachTemporal(address: string): Promise<RunningService<TemporalDetails>> {
  await checkGivenAddress('temporal', address)
  const given = loadClientConnectConfig().namespace ?? namespace
  return asService({ address, namespace: given, uiUrl: undefined })
}

const asService = (details: TemporalDetails): RunningService<TemporalDetails> => ({
  details,
  env: { TEMPORAL_ADDRESS: details.address, TEMPORAL_NAMESPACE: details.namespace },
  stop: async () => {},
})

const flags = ({ dataDir }: ServiceContext, port: number, uiPort: number): readonly string[] => [
  'server',
  'start-dev',
  '--headless=false',
  `--ip=${host}`,
  `--port=${port}`,
  `--ui-port=${uiPort}`,
  '--ui-disable-news-fetch',
  `--db-filename=${join(dataDir, 'temporal.db')}`,
  // Writes survive a killed server, though not a power cut: enough for a local one, and much faster.
  '--sqlite-pragma=journal_mode=WAL',
  '--sqlite-pragma=synchronous=NORMAL',
  `--namespace=${namespace}`,
  '--log-level=error',
  ...Object.entries(dynamicConfig).map(([key, value]) => `--dynamic-config-value=${key}=${value}`),
]

// Its own line comes first, since another server could answer at the same port; the namespace comes last.
const hasNamespace =
  (address: string): Probe =>
  (output) =>
    /^(temporal )?server:/im.test(output) ? namespaceAt(address) : undefined

/** Answers `address` once a Temporal there knows the namespace of a local one. */
export async function namespaceAt(address: string): Promise<string | undefined> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '1s' })
    try {
      await connection.workflowService.describeNamespace({ namespace })
      return address
    } finally {
      await connection.close()
    }
  } catch {
    return undefined
  }
}
