// Logs the message of a service about a failed request, at debug level, masked and cut, for people who search for the cause.

import type { Logger } from './log.ts'
import { excerptOf } from './remote-text.ts'
import type { ServiceError } from './service-error.ts'

/** @param service the service and what it was asked about, such as `BigQuery staging_purchase` */
export type RemoteLog = (service: string, serviceError: ServiceError) => void

/** For callers without a log. */
export const noRemoteLog: RemoteLog = () => {}

export function createRemoteLog(log: Logger): RemoteLog {
  return (service, { status, grpcStatus, requestId, said }) => {
    if (!said || !log.isLevelEnabled('debug')) return
    const answer = { service, status, grpcStatus, requestId, said: excerptOf(said) }
    log.debug(answer, 'what a service said of a request that failed')
  }
}
