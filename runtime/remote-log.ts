// What services say of a request that failed, for people who look for the cause: in the log, at debug level, masked and cut.

import type { Logger } from './log.ts'
import { excerptOf } from './remote-text.ts'
import type { ServiceError } from './service-error.ts'

/** @param service which one, and of what, such as `BigQuery staging_purchase` */
export type RemoteLog = (service: string, fault: ServiceError) => void

/** For a caller that keeps no log. */
export const noRemoteLog: RemoteLog = () => {}

export function createRemoteLog(log: Logger): RemoteLog {
  return (service, { status, grpcStatus, requestId, said }) => {
    if (!said || !log.isLevelEnabled('debug')) return
    const answer = { service, status, grpcStatus, requestId, said: excerptOf(said) }
    log.debug(answer, 'what a service said of a request that failed')
  }
}
