// Reads what Google's clients throw, over HTTP and over gRPC, as a fault.

import { z } from 'zod'
import type { CallFault } from '../classify-error.ts'

const googleError = z.object({
  name: z.string().optional(),
  code: z.union([z.number(), z.string()]).optional(),
  message: z.string().default('unknown error'),
  /** The message without the status in front of it, over gRPC. */
  details: z.string().optional(),
  errors: z.array(z.object({ reason: z.string().optional() })).optional(),
})

type GoogleError = z.output<typeof googleError>

/** One field holds both: gRPC has 17 statuses, and HTTP begins at this one. */
const FIRST_HTTP_STATUS = 100

export function toFault(error: unknown): CallFault {
  const parsed = googleError.safeParse(error)
  const google: GoogleError = parsed.success ? parsed.data : { message: String(error) }
  const { code, errors } = google
  const status = typeof code === 'number' ? code : undefined
  const isHttp = status === undefined || status >= FIRST_HTTP_STATUS
  const message = google.details || google.message
  return {
    ...(isHttp ? { status } : { grpcStatus: status }),
    reason: errors?.[0]?.reason ?? (typeof code === 'string' ? code : undefined),
    isSignIn: isSignIn(google),
    message: message.split('\n', 1)[0] ?? message,
  }
}

/** OAuth's words for credentials that are no longer good; over gRPC they come inside another error's message. */
const REFUSED_CREDENTIALS =
  /default credentials|invalid_grant|invalid_client|unauthorized_client|invalid_rapt/i

/**
 * Google's sign-in answers 400 for a revoked key as BigQuery does for a bad row; it comes through its
 * HTTP library instead of the BigQuery client. Without any key there is no answer at all.
 */
function isSignIn({ name, code, message }: GoogleError): boolean {
  const isRefused = typeof code === 'number' && code >= 400 && code < 500
  return (name === 'GaxiosError' && isRefused) || REFUSED_CREDENTIALS.test(message)
}
