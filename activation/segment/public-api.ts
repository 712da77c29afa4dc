// A client of Segment's Public API, by which workspaces are administered. Events go to the Tracking API instead.

import { z } from 'zod'
import { wallClockMs } from '#runtime/clock'
import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import { failure, type ServiceError, segmentFailure } from '#runtime/service-error'
import { connectionReason } from '#runtime/service-reasons'
import { HTTP } from '#runtime/status-codes'
import { retryAfterSeconds } from './segment-request.ts'

export type PublicApi = {
  /**
   * @param path begins with a slash
   * @returns the member `data` of the answer
   * @throws ApplicationFailure `segment_unavailable`, `segment_throttled`, `segment_setup` or `segment_request`
   */
  request(method: 'GET' | 'POST' | 'PATCH' | 'PUT', path: string, body?: object): Promise<unknown>
}

export type PublicApiAddress = {
  /** For example `https://api.segmentapis.com`. */
  readonly host: string
  readonly token: string
}

const TIMEOUT_MS = 20_000

/** Version 1 of the API. */
const MEDIA_TYPE = 'application/vnd.segment.v1+json'

export function createPublicApi(
  { host, token }: PublicApiAddress,
  remoteLog: RemoteLog = noRemoteLog,
): PublicApi {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': MEDIA_TYPE,
    accept: MEDIA_TYPE,
  }
  return {
    request: async (method, path, body) => {
      const answer = await fetch(new URL(path, host), {
        method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body && { body: JSON.stringify(body) }),
      }).catch((error: unknown) => {
        throw segmentFailure({ reason: connectionReason(error) })
      })
      const text = await answer.text().catch(() => '')
      const data = answer.ok ? dataIn(text) : undefined
      if (data !== undefined) return data
      const serviceError = toServiceError(answer, text)
      remoteLog('Segment Public API', serviceError)
      throw publicApiFailure(serviceError)
    },
  }
}

const answered = z.object({ data: z.unknown() })

function dataIn(text: string): unknown {
  try {
    return answered.parse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function toServiceError({ status, ok, headers }: Response, said: string): ServiceError {
  const retryAfter = retryAfterSeconds(headers.get('retry-after') ?? undefined, wallClockMs())
  return {
    status,
    said,
    ...(ok && { message: 'the answer is not one of Segment’s Public API' }),
    ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
  }
}

/** Where the request itself is refused, a repeat is refused as well. */
function publicApiFailure(serviceError: ServiceError) {
  const { status = 0 } = serviceError
  const isRefused = status === HTTP.BAD_REQUEST || status === HTTP.UNPROCESSABLE_ENTITY
  return isRefused
    ? failure('segment_request', `Segment Public API: answered ${status}`, serviceError)
    : segmentFailure(serviceError)
}
