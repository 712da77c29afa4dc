// Changes rows that are in BigQuery already, which rows that were streamed lately do not allow.

import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import { BigQueryError } from './bigquery-error.ts'
import type { Reader, Statement } from './read.ts'
import { readForActivities } from './read-for-activities.ts'

/**
 * Runs an UPDATE or DELETE statement.
 * @returns false where BigQuery does not change some of its rows yet, because they were streamed in the last half hour or so
 * @throws ApplicationFailure of the registry
 */
export type Changer = (statement: Statement) => Promise<boolean>

/** For activities. */
export function createChanger(read: Reader, remoteLog: RemoteLog = noRemoteLog): Changer {
  return async (statement) => {
    try {
      await readForActivities(unlessBuffered(read), remoteLog)(statement)
      return true
    } catch (error) {
      if (error instanceof BufferedError) return false
      throw error
    }
  }
}

class BufferedError extends Error {}

/** By BigQuery's words: its reason is the same for every statement that it refuses. */
const unlessBuffered =
  (read: Reader): Reader =>
  async (statement) => {
    try {
      return await read(statement)
    } catch (error) {
      const isBuffered = error instanceof BigQueryError && /streaming buffer/i.test(error.message)
      throw isBuffered ? new BufferedError() : error
    }
  }
