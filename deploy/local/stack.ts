// Starts everything the pipeline talks to, on this machine and on free ports, as one thing to stop.

import { join, resolve } from 'node:path'
import { type BigqueryDetails, reachBigquery, startBigquery } from './bigquery/start.ts'
import { type CodecDetails, startCodec } from './codec.ts'
import { allServices, givenAddress, type ReplaceableService, type Service } from './environment.ts'
import { stackDir } from './paths.ts'
import { makePrivateFolder } from './private-folder.ts'
import { freePort } from './probes.ts'
import { type OnProgress, withProgress } from './progress.ts'
import { type PubsubDetails, reachPubsub, startPubsub } from './pubsub/start.ts'
import { forgetRunningStack, noteRunningStack, type StackNote } from './running-stack.ts'
import { reachSegment, type SegmentDetails, startSegment } from './segment/start.ts'
import type { RunningService, ServiceContext } from './service.ts'
import { reachTemporal, startTemporal, type TemporalDetails } from './temporal.ts'
import { ensureTools } from './tools.ts'

export type StackOptions<Wanted extends Service = Service> = {
  /** Holds the services' data, and their logs in `logs/`. @default .stack */
  readonly dataDir?: string
  /** The services to have. @default all */
  readonly services?: readonly Wanted[]
  /** The port of Temporal's UI. @default 8233 if free, else any */
  readonly uiPort?: number
  /** Note the stack in `.stack/running.json`, where commands in other terminals find it. @default false */
  readonly announce?: boolean
  /** @default silent; `progressLines()` writes to stderr */
  readonly onProgress?: OnProgress
}

type Details = {
  readonly temporal: TemporalDetails
  readonly pubsub: PubsubDetails
  readonly bigquery: BigqueryDetails
  readonly segment: SegmentDetails
  readonly codec: CodecDetails
}

/** A stack that runs: one entry for each service asked for. */
export type Stack<Wanted extends Service = Service> = Pick<Details, Wanted> & {
  /** The variables for the bridge, the worker and the CLI. */
  readonly env: Readonly<Record<string, string>>
  readonly logDir: string
  /** Stops what was started, all at once; data stays. Safe to repeat. */
  readonly stop: () => Promise<void>
}

type Source<Name extends Service> = {
  readonly start: (context: ServiceContext) => Promise<RunningService<Details[Name]>>
  readonly reach: (address: string) => Promise<RunningService<Details[Name]>>
}

const sources: { readonly [Name in ReplaceableService]: Source<Name> } = {
  temporal: { start: startTemporal, reach: reachTemporal },
  pubsub: { start: startPubsub, reach: reachPubsub },
  bigquery: { start: startBigquery, reach: reachBigquery },
  segment: { start: startSegment, reach: reachSegment },
}

/**
 * Installs the tools that are missing and starts the services at the same time. A service whose address variable is set is used where it is instead. Whatever
 * was started ends with this process at the latest.
 * @throws MissingToolError as `ensureTools` does; an error that quotes the log of the service that did
 *   not start, or names the variable whose address does not answer. Nothing is left running then.
 */
export async function startStack<Wanted extends Service = Service>(
  options: StackOptions<Wanted> = {},
): Promise<Stack<Wanted>> {
  const { services = allServices, onProgress = () => {}, uiPort } = options
  const dataDir = resolve(options.dataDir ?? stackDir)
  const logDir = join(dataDir, 'logs')
  await makePrivateFolder(dataDir)
  await makePrivateFolder(logDir)
  const tools = await ensureTools({ services, onProgress })
  const uiPorts = await choosePorts(uiPort)
  const given = { dataDir, logDir, tools, uiPorts }
  const started = startAll(services, given, onProgress)
  const running = await allOrNone([...started.values()])
  const env = Object.fromEntries(running.flatMap((each) => Object.entries(each.env)))
  const details = Object.fromEntries(
    [...started.keys()].map((name, i) => [name, running[i]?.details]),
  )
  const noted = { ...env, GOOGLE_CLOUD_PROJECT: LOCAL_PROJECT, ...WRITE_KEY }
  const note = { pid: process.pid, dataDir, logDir, uiUrl: uiUrlOf(details), env: noted }
  if (options.announce) await noteRunningStack(note)
  const stop = () => stopAll(running, note)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each service asked for, made above
  return { ...(details as Pick<Details, Wanted>), env, logDir, stop }
}

const DEFAULT_UI_PORT = 8233

/** The codec server must know the UI's port before the UI has it. A Temporal that already runs has the usual one. */
const choosePorts = async (preferred = DEFAULT_UI_PORT): Promise<ServiceContext['uiPorts']> =>
  givenAddress('temporal') === undefined
    ? [await freePort(preferred), await freePort()]
    : [preferred, preferred]

/** The project of everything local, whatever a person's shell says. */
const LOCAL_PROJECT = 'local'

/** The stand-in for Segment has a source with this key. */
const WRITE_KEY = { SEGMENT_WRITE_KEY: 'demo' }

type AnyService = RunningService<Details[Service]>

/** All at the same time, but that Temporal's UI waits for the address of the codec server. */
function startAll(
  services: readonly Service[],
  given: Omit<ServiceContext, 'codecUrl'>,
  onProgress: OnProgress,
): ReadonlyMap<Service, Promise<AnyService>> {
  const start = <T>(service: Service, run: () => Promise<T>) =>
    withProgress(onProgress, `starting ${service}`, run)
  const codec = services.includes('codec') ? start('codec', () => startCodec(given)) : undefined
  // A codec server that fails is told by `codec` itself.
  const codecUrl = Promise.resolve(codec?.then(({ details }) => details.url)).catch(() => undefined)
  const starts = new Map<Service, Promise<AnyService>>(codec && [['codec', codec]])
  for (const service of services) {
    if (service === 'codec') continue
    starts.set(
      service,
      start(service, () => startService(service, { ...given, codecUrl })),
    )
  }
  return starts
}

function startService(service: ReplaceableService, context: ServiceContext): Promise<AnyService> {
  const address = givenAddress(service)
  return address === undefined ? sources[service].start(context) : sources[service].reach(address)
}

async function allOrNone(starts: readonly Promise<AnyService>[]): Promise<readonly AnyService[]> {
  const results = await Promise.allSettled(starts)
  const running = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure === undefined) return running
  await stopServices(running)
  throw failure.reason
}

async function stopServices(running: readonly AnyService[]): Promise<void> {
  await Promise.all(running.map((each) => each.stop()))
}

async function stopAll(running: readonly AnyService[], note: StackNote): Promise<void> {
  await stopServices(running)
  await forgetRunningStack(note)
}

const uiUrlOf = (details: Partial<Details>): string | undefined => details.temporal?.uiUrl
