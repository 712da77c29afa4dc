// Reads what Google's clients throw, over HTTP and over gRPC, as a fault.

import { z } from 'zod'
import { requestIdOf } from '#runtime/remote-text'
import type { ServiceError } from '#runtime/service-error'
import { knownReason } from '#runtime/service-reasons'
import { GRPC, HTTP, isHttpClientError, isHttpSuccess } from '#runtime/status-codes'
import { UnexpectedAnswerError } from './answer.ts'

const httpStatus = z.number().int().min(100).max(599).optional().catch(undefined)

/** Every member may be what a server sent: one of another type counts as absent. */
const googleError = z.object({
  name: z.string().catch(''),
  code: z.union([z.number(), z.string()]).optional().catch(undefined),
  message: z.string().catch(''),
  /** The message without the status in front of it, over gRPC. */
  details: z.string().optional().catch(undefined),
  errors: z
    .array(z.object({ reason: z.unknown() }))
    .optional()
    .catch(undefined),
  response: z
    .object({
      statusCode: httpStatus,
      status: httpStatus,
      headers: z.record(z.string(), z.unknown()).catch({}),
    })
    .optional()
    .catch(undefined),
})

type GoogleError = z.output<typeof googleError>

/** One field holds both: gRPC has 17 statuses, and HTTP begins at this one. */
const FIRST_HTTP_STATUS = 100

export function toFault(error: unknown): ServiceError {
  if (error instanceof UnexpectedAnswerError) {
    const { status, requestId, message, said } = error
    return { status, requestId, message, said }
  }
  const parsed = googleError.safeParse(error)
  const google: GoogleError = parsed.success ? parsed.data : { name: '', message: String(error) }
  const { response, code } = google
  const said = (google.details || google.message).slice(0, MAX_SAID)
  const answer = statusesOf(google)
  return {
    ...answer,
    reason: knownReason(google.errors?.[0]?.reason) ?? knownReason(code),
    isSignIn: isSignIn(google, answer, said),
    isTooLarge: isTooLarge(answer, said),
    requestId: requestIdOf((name) => response?.headers[name]),
    message: isHttpSuccess(answer.status)
      ? 'the answer cannot be read, so that nothing counts as done'
      : undefined,
    said,
  }
}

/** A front end may answer with a whole page. */
const MAX_SAID = 10_000

type Statuses = { readonly status?: number | undefined; readonly grpcStatus?: number }

/** The status line counts: the body may name another number, or write it as text. */
function statusesOf({ code, response }: GoogleError): Statuses {
  const status = response?.statusCode ?? response?.status
  if (status !== undefined || typeof code !== 'number') return { status }
  return code >= FIRST_HTTP_STATUS ? { status: code } : { grpcStatus: code }
}

/** OAuth's words for credentials that are no longer good; over gRPC they come inside another error's message. */
const REFUSED_CREDENTIALS =
  /default credentials|invalid_grant|invalid_client|unauthorized_client|invalid_rapt/i

/**
 * Google's sign-in answers 400 for a revoked key as BigQuery does for a bad row; it comes through its
 * HTTP library instead of the BigQuery client. Without any key there is no answer at all. A refused request
 * may quote any words of an event.
 */
function isSignIn({ name }: GoogleError, answer: Statuses, said: string): boolean {
  const { status, grpcStatus } = answer
  if (status !== undefined) return name === 'GaxiosError' && isHttpClientError(status)
  return grpcStatus !== GRPC.INVALID_ARGUMENT && REFUSED_CREDENTIALS.test(said)
}

/** The words of gRPC, of BigQuery and of Google's front end for a request of too many bytes. */
const TOO_LARGE =
  /message larger than max|message with a size larger than|payload size exceeds|MessageSize is too large|request entity too large/i

const TOO_LARGE_STATUSES: ReadonlySet<number> = new Set([
  GRPC.INVALID_ARGUMENT,
  GRPC.RESOURCE_EXHAUSTED,
])

function isTooLarge({ status, grpcStatus }: Statuses, said: string): boolean {
  if (grpcStatus !== undefined) return TOO_LARGE_STATUSES.has(grpcStatus) && TOO_LARGE.test(said)
  return status === HTTP.CONTENT_TOO_LARGE || (status === HTTP.BAD_REQUEST && TOO_LARGE.test(said))
}
