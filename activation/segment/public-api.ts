// A client of Segment's Public API for activities: its errors are failures of the registry.

import { z } from 'zod'
import { wallClockMs } from '#runtime/clock'
import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import { failure, type ServiceError, segmentFailure } from '#runtime/service-error'
import { connectionReason } from '#runtime/service-reasons'
import { HTTP, isHttpSuccess } from '#runtime/status-codes'
import {
  type PublicApiAddress,
  type PublicApiAnswer,
  requestPublicApi,
} from './public-api-request.ts'
import { retryAfterSeconds } from './segment-request.ts'

export type PublicApi = {
  /**
   * @param path begins with a slash
   * @returns the member `data` of the answer
   * @throws ApplicationFailure `segment_unavailable`, `segment_throttled`, `segment_setup` or `segment_request`
   */
  request(method: 'GET' | 'POST' | 'PATCH' | 'PUT', path: string, body?: object): Promise<unknown>
}

const TIMEOUT_MS = 20_000

export function createPublicApi(
  address: PublicApiAddress,
  remoteLog: RemoteLog = noRemoteLog,
): PublicApi {
  return {
    request: async (method, path, body) => {
      const asked = { method, path, body, timeoutMs: TIMEOUT_MS }
      const answer = await requestPublicApi(address, asked).catch((error: unknown) => {
        throw segmentFailure({ reason: connectionReason(error) })
      })
      const data = isHttpSuccess(answer.status) ? dataIn(answer.text) : undefined
      if (data !== undefined) return data
      const serviceError = toServiceError(answer)
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

function toServiceError({ status, headers, text: said }: PublicApiAnswer): ServiceError {
  const retryAfter = retryAfterSeconds(headers.get('retry-after') ?? undefined, wallClockMs())
  return {
    status,
    said,
    ...(isHttpSuccess(status) && { message: 'the answer is not one of Segment’s Public API' }),
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
