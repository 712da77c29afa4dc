// The BigQuery client every process uses: the real service, or a local one where BIGQUERY_EMULATOR_HOST names it.

import { BigQuery, type BigQueryOptions } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'
import { findFlaw } from './answer.ts'
import type { BigQueryPlace } from './bigquery-error.ts'
import { tolerateAnyErrorList } from './error-list.ts'

tolerateAnyErrorList()

export type WarehouseAddress = {
  readonly GOOGLE_CLOUD_PROJECT: string
  /** Full base URL including /bigquery/v2, as Google's client takes it. */
  readonly BIGQUERY_EMULATOR_HOST?: string | undefined
}

/** Google's client takes any answer with the status of a success for one: this one looks at what it says. */
class CheckedBigQuery extends BigQuery implements BigQueryPlace {
  readonly endpoint: string | undefined

  constructor(options: BigQueryOptions, endpoint: string | undefined) {
    super(options)
    this.endpoint = endpoint
  }

  override request(...[options, callback]: Parameters<BigQuery['request']>): void {
    super.request(options, (error, body, response) => {
      callback(error ?? findFlaw(options, body, response ?? {}), body, response)
    })
  }
}

/**
 * Requests are not retried by the client: whoever calls decides, by the kind of failure. An answer that is not
 * BigQuery's fails the request with an `UnexpectedAnswerError`. A local server needs no credentials.
 */
export function createBigQuery(address: WarehouseAddress): BigQuery & BigQueryPlace {
  const local = address.BIGQUERY_EMULATOR_HOST
  const options = {
    projectId: address.GOOGLE_CLOUD_PROJECT,
    retryOptions: { autoRetry: false },
    ...(local && {
      apiEndpoint: new URL(local).origin,
      authClient: new PassThroughClient(),
    }),
  }
  return new CheckedBigQuery(options, local)
}
