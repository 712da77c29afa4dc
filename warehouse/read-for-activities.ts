// A reader for activities: its errors are failures of the registry, without a word that BigQuery said.

import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import { warehouseFailure } from '#runtime/service-error'
import { BigQueryError } from './bigquery-error.ts'
import type { Reader } from './read.ts'

/**
 * Temporal stores the message and the causes of an error, so what BigQuery said goes to `remoteLog` alone.
 * @throws ApplicationFailure of the registry, from every statement; BigQueryError where a row is not as the statement
 * says, which is a defect
 */
export function readForActivities(read: Reader, remoteLog: RemoteLog = noRemoteLog): Reader {
  return async (statement) => {
    try {
      return await read(statement)
    } catch (error) {
      if (!(error instanceof BigQueryError) || error.code === 'unexpected_row') throw error
      remoteLog('BigQuery query', error.fault)
      throw warehouseFailure('query', error.fault)
    }
  }
}
