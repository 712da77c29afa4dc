// Whether it is certain that Segment has not taken a request that failed. Pure.

import type { ServiceError } from '#runtime/service-error'
import { HTTP, isHttpSuccess } from '#runtime/status-codes'

/** By these a gateway says that it does not know what became of the request behind it. */
const UNCERTAIN_STATUSES: ReadonlySet<number> = new Set([
  HTTP.REQUEST_TIMEOUT,
  HTTP.CLIENT_CLOSED_CONNECTION,
  HTTP.CLIENT_CLOSED_REQUEST,
  HTTP.BAD_GATEWAY,
  HTTP.GATEWAY_TIMEOUT,
])

/** The connection was never made. */
const UNCONNECTED_REASONS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** From here on, gateways have statuses of their own for a server behind them that did not answer as it should. */
const FIRST_OWN_STATUS_OF_GATEWAYS = 520

export function isCertainlyNotTaken({ status, reason }: ServiceError): boolean {
  if (status === undefined) return UNCONNECTED_REASONS.has(reason ?? '')
  if (status >= FIRST_OWN_STATUS_OF_GATEWAYS) return false
  return !isHttpSuccess(status) && !UNCERTAIN_STATUSES.has(status)
}
