// Decides what Segment's HTTP API would do with a batch request, by its documented limits.

// https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#max-request-size
const MAX_REQUEST_BYTES = 500 * 1024
const MAX_EVENT_BYTES = 32 * 1024
const MAX_EVENTS = 2_500

/** A call as it came in; only the members the stand-in looks at are typed. */
export type SegmentCall = {
  readonly type?: unknown
  readonly event?: unknown
  readonly userId?: unknown
  readonly anonymousId?: unknown
  readonly messageId?: unknown
}

/** A 200 says only that the request was read: `dropped` calls vanish silently, as they do at Segment. */
export type Judgement =
  | { readonly status: 200; readonly accepted: readonly SegmentCall[]; readonly dropped: number }
  | { readonly status: 400 | 401; readonly reason: string }

/** Judges one `POST /v1/batch`; never throws. */
export function judgeRequest(authorization: string | undefined, body: string): Judgement {
  if (!hasWriteKey(authorization)) return { status: 401, reason: 'a write key is missing' }
  if (Buffer.byteLength(body) > MAX_REQUEST_BYTES)
    return { status: 400, reason: `the request has more than ${MAX_REQUEST_BYTES} bytes` }
  const batch = batchOf(body)
  if (batch === undefined) return { status: 400, reason: 'the body is not JSON with a batch' }
  if (batch.some((call) => Buffer.byteLength(JSON.stringify(call)) > MAX_EVENT_BYTES))
    return { status: 400, reason: `an event has more than ${MAX_EVENT_BYTES} bytes` }
  const accepted = batch.length > MAX_EVENTS ? [] : batch.filter(isComplete)
  return { status: 200, accepted, dropped: batch.length - accepted.length }
}

// Basic auth with the write key as the user and no password.
function hasWriteKey(authorization = ''): boolean {
  const [scheme, credentials = ''] = authorization.split(' ')
  const [writeKey] = Buffer.from(credentials, 'base64').toString('utf8').split(':')
  return scheme?.toLowerCase() === 'basic' && Boolean(writeKey)
}

function batchOf(body: string): readonly SegmentCall[] | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return hasBatch(parsed) && parsed.batch.every(isObject) ? parsed.batch : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const hasBatch = (value: unknown): value is { readonly batch: readonly unknown[] } =>
  isObject(value) && 'batch' in value && Array.isArray(value.batch)

const isComplete = ({ type, event, userId, anonymousId }: SegmentCall): boolean =>
  isFilled(type) &&
  (type !== 'track' || isFilled(event)) &&
  (isFilled(userId) || isFilled(anonymousId))

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== ''
