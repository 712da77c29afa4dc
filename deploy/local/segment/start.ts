// Starts the Segment stand-in, or reaches the server SEGMENT_HOST names.

import { join } from 'node:path'
import { checkGivenAddress, type Part, type PartContext } from '../part.ts'
import { listeningLine } from '../probes.ts'
import { nodeCommand, startProcess } from '../process.ts'

export type SegmentDetails = {
  /** The base URL without a path, as SEGMENT_HOST takes it. */
  readonly url: string
  /** Every accepted call as one JSON line; undefined for a server that somebody else runs. */
  readonly file: string | undefined
}

/** Starts a stand-in that writes the calls it accepts to `<dataDir>/segment.ndjson`, empty at the start. */
export async function startSegment(context: PartContext): Promise<Part<SegmentDetails>> {
  const file = join(context.dataDir, 'segment.ndjson')
  const process = await startProcess({
    name: 'segment',
    command: nodeCommand('deploy/local/segment/main.ts', '--port', '0', '--file', file),
    logDir: context.logDir,
    ready: listeningLine,
  })
  return { ...asPart({ url: process.address, file }), stop: process.stop }
}

/** Describes the server the environment names, after checking that it is there. */
export async function reachSegment(url: string): Promise<Part<SegmentDetails>> {
  await checkGivenAddress('segment', url)
  return asPart({ url, file: undefined })
}

const asPart = (details: SegmentDetails): Part<SegmentDetails> => ({
  details,
  env: { SEGMENT_HOST: details.url },
  stop: async () => {},
})
