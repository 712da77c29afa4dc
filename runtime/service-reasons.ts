// The reason codes of services that a failure may have. Only known codes are used, because any other text could quote the request.

import { z } from 'zod'

/** The reasons of https://docs.cloud.google.com/bigquery/docs/error-messages, and those of Google's front end. */
const OF_BIGQUERY: ReadonlySet<string> = new Set([
  'accessDenied',
  'accessNotConfigured',
  'attributeError',
  'authError',
  'backendError',
  'badRequest',
  'billingNotEnabled',
  'billingTierLimitExceeded',
  'blocked',
  'conditionNotMet',
  'duplicate',
  'forbidden',
  'internalError',
  'invalid',
  'invalidQuery',
  'invalidUser',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'noRateLimit',
  'notFound',
  'notImplemented',
  'parseError',
  'proxyAuthenticationRequired',
  'quotaExceeded',
  'rateLimitExceeded',
  'required',
  'resourceInUse',
  'resourcesExceeded',
  'responseTooLarge',
  'stopped',
  'tableUnavailable',
  'timeout',
  'uploadTooLarge',
])

/** The codes of Node and its libraries for a connection that failed, such as `ECONNRESET` and `ERR_TLS_CERT_ALTNAME_INVALID`. */
const OF_CONNECTIONS =
  /^(?:E[A-Z]{3,20}|EAI_[A-Z]{3,20}|(?:ERR|HPE|UND|CERT|UNABLE|DEPTH|SELF)_[A-Z\d_]{2,48})$/

/** The reason code; undefined where it is not known. */
export function knownReason(word: unknown): string | undefined {
  if (typeof word !== 'string') return undefined
  return OF_BIGQUERY.has(word) || OF_CONNECTIONS.test(word) ? word : undefined
}

/**
 * Why a connection failed, by the codes of the error only, because its message may quote what the other side sent. The error
 * has an error of its own for each address of the host, and that of `fetch` has it as its cause.
 */
export function connectionReason(error: unknown): string | undefined {
  const { data } = networkError.safeParse(error)
  const inner = [...new Set(data?.errors?.map(connectionReason))].filter(Boolean)
  if (inner.length > 0) return inner.join(', ')
  return knownReason(data?.code) ?? (data?.cause ? connectionReason(data.cause) : undefined)
}

const networkError = z.object({
  code: z.unknown().optional(),
  errors: z.array(z.unknown()).optional(),
  cause: z.unknown().optional(),
})
