// Checks that Segment answers to this write key and in this region, without sending it a call.

import { z } from 'zod'
import { createHttpSegment } from '#activation/segment/segment-http'
import { readConfig } from '#runtime/config'
import { segment, segmentApi } from '#runtime/segment-config'
import { HTTP } from '#runtime/status-codes'
import { error, type Finding, type Report, warning } from '../finding.ts'
import { findSource, type SourceSearch } from '../segment-source.ts'
import type { Site } from '../site.ts'

const segmentSchema = z.object({ ...segment, ...segmentApi })
type SegmentConfig = z.output<typeof segmentSchema>

export async function checkSegment({ environment }: Site): Promise<Report> {
  if (!environment['SEGMENT_WRITE_KEY']) return { seen: '', findings: [NO_KEY] }
  const config = readConfig(segmentSchema, environment)
  const [answer, source] = await Promise.all([askSource(config), findSource(config)])
  const asked = source === 'no_token' ? ', whose key no token confirms' : ''
  return {
    seen: `${new URL(config.SEGMENT_HOST).host}${asked}`,
    findings: [...judgeRegion(config), ...answer, ...judgeSource(source)],
  }
}

const NO_KEY = warning(
  'SEGMENT_WRITE_KEY',
  'It is not set here. The worker does not start without it.',
  'Run this command with the environment of the worker, or set it: Segment, Connections, Sources, Settings, API Keys.',
)

/** A request without a call is answered like any other, and puts nothing into Segment. */
async function askSource(config: SegmentConfig): Promise<Finding[]> {
  const { SEGMENT_HOST: host, SEGMENT_WRITE_KEY: writeKey } = config
  const refused = await createHttpSegment({ host, writeKey }).deliver([])
  // A batch without a call may be refused as empty, by a Segment that knows the key.
  if (!refused || refused.status === HTTP.BAD_REQUEST) return []
  const { status } = refused
  const isKey = status === HTTP.UNAUTHORIZED || status === HTTP.FORBIDDEN
  const what = isKey
    ? `Segment refuses the write key with ${status}.`
    : `Segment does not answer as it should: ${status ?? refused.message ?? refused.reason ?? 'no answer'}.`
  const fix = isKey
    ? 'Correct SEGMENT_WRITE_KEY, and SEGMENT_HOST for the region of the workspace.'
    : 'Correct SEGMENT_HOST, or open the network to it: https://api.segment.io, in the EU https://events.eu1.segmentapis.com.'
  return [error(`Segment at ${host}`, what, fix)]
}

const isEu = (host: string) => new URL(host).hostname.split('.').includes('eu1')
const isSegments = (host: string) => /(^|\.)segment(apis)?\.(com|io)$/.test(new URL(host).hostname)

/** A workspace is in one region, with both of its APIs. */
export function judgeRegion(
  config: Pick<
    SegmentConfig,
    'SEGMENT_HOST' | 'SEGMENT_PUBLIC_API_HOST' | 'SEGMENT_PUBLIC_API_TOKEN'
  >,
): Finding[] {
  const { SEGMENT_HOST: one, SEGMENT_PUBLIC_API_HOST: other } = config
  const isCompared = config.SEGMENT_PUBLIC_API_TOKEN && isSegments(one) && isSegments(other)
  if (!isCompared || isEu(one) === isEu(other)) return []
  return [
    error(
      'SEGMENT_HOST and SEGMENT_PUBLIC_API_HOST',
      `They are in different regions: ${one} and ${other}. Segment refuses calls, or drops them without a word.`,
      'Name both of the region of the workspace; in the EU https://events.eu1.segmentapis.com and https://eu1.api.segmentapis.com.',
    ),
  ]
}

const PUBLIC_API = 'Segment Public API'

/** What is wrong after a search; absent where nothing is. */
const OF_SOURCE: Readonly<Partial<Record<SourceSearch, Finding>>> = {
  refused: warning(
    PUBLIC_API,
    'It refuses SEGMENT_PUBLIC_API_TOKEN, or does not let it list sources: the write key cannot be confirmed.',
    'Make a token that may read sources: Segment, Settings, Access Management, Tokens.',
  ),
  no_answer: warning(
    PUBLIC_API,
    'It does not answer.',
    'Correct SEGMENT_PUBLIC_API_HOST, or open the network to it.',
  ),
  unknown: error(
    'SEGMENT_WRITE_KEY',
    'No source of the workspace has this key: Segment takes the calls with status 200 and drops them.',
    'Copy the key of the source: Segment, Connections, Sources, Settings, API Keys.',
  ),
  disabled: error(
    'SEGMENT_WRITE_KEY',
    'The source of this key is disabled: Segment drops the calls.',
    'Enable the source in Segment.',
  ),
}

function judgeSource(source: SourceSearch): Finding[] {
  const finding = OF_SOURCE[source]
  return finding ? [finding] : []
}
