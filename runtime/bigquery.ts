// The BigQuery client every process uses: the real service, or a local one where BIGQUERY_EMULATOR_HOST names it.

import { BigQuery } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'

export type WarehouseAddress = {
  readonly GOOGLE_CLOUD_PROJECT: string
  /** Full base URL including /bigquery/v2, as Google's client takes it. */
  readonly BIGQUERY_EMULATOR_HOST?: string | undefined
}

/**
 * Requests are not retried by the client: whoever calls decides, by the kind of failure.
 * A local server needs no credentials.
 */
export function createBigQuery(address: WarehouseAddress): BigQuery {
  const local = address.BIGQUERY_EMULATOR_HOST
  return new BigQuery({
    projectId: address.GOOGLE_CLOUD_PROJECT,
    retryOptions: { autoRetry: false },
    ...(local && {
      apiEndpoint: new URL(local).origin,
      authClient: new PassThroughClient(),
    }),
  })
}
