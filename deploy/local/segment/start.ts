// Starts the Segment stand-in, or reaches the server SEGMENT_HOST names.

import { join } from 'node:path'
import { listeningLine } from '../probes.ts'
import { nodeCommand, startProcess } from '../process.ts'
import { checkGivenAddress, type RunningService, type ServiceContext } from '../service.ts'

export type SegmentDetails = {
  /** The base URL without a path, as SEGMENT_HOST takes it. */
  readonly url: string
  /** Every accepted call as one JSON line; undefined for a server that somebody else runs. */
  readonly file: string | undefined
}

/** Starts a stand-in that writes the calls it accepts to `<dataDir>/segment.ndjson`, empty at the start. */
export async function startSegment(
  context: ServiceContext,
): Promise<RunningService<SegmentDetails>> {
  const file = join(context.dataDir, 'segment.ndjson')
  const process = await startProcess({
    name: 'segment',
    command: nodeCommand('deploy/local/segment/main.ts', '--port', '0', '--file', file),
    logDir: context.logDir,
    ready: listeningLine,
  })
  return { ...asService({ url: process.address, file }), stop: process.stop }
}

/** Describes the server the environment names, after checking that it is there. */
export async function reachSegment(url: string): Promise<RunningService<SegmentDetails>> {
  await checkGivenAddress('segment', url)
  return asService({ url, file: undefined })
}

const asService = (details: SegmentDetails): RunningService<SegmentDetails> => ({
  details,
  env: { SEGMENT_HOST: details.url, ...(details.file !== undefined && publicApiAt(details.url)) },
  stop: async () => {},
})

/** The stand-in takes any token. */
const publicApiAt = (url: string) => ({
  SEGMENT_PUBLIC_API_HOST: url,
  SEGMENT_PUBLIC_API_TOKEN: 'local',
})
