// The client of BigQuery's Storage Write API, apart from the other one since it takes a while to load.

// The client alone: the package's index also loads 40 MB of message classes.
import { BigQueryWriteClient } from '@google-cloud/bigquery-storage/build/src/v1/big_query_write_client.js'
import { credentials } from '@grpc/grpc-js'

export type StorageWriteAddress = {
  readonly GOOGLE_CLOUD_PROJECT: string
  /** `host:port` of a local Storage Write API, spoken to without TLS. */
  readonly BIGQUERY_STORAGE_EMULATOR_HOST?: string | undefined
}

/** Below the time after which networks forget an idle connection, so that one that is dead is noticed. */
const KEEPALIVE_MS = 60_000

/** Google's Storage Write API. Signs in on first use. */
export function createStorageWriteClient(address: StorageWriteAddress): BigQueryWriteClient {
  const local = address.BIGQUERY_STORAGE_EMULATOR_HOST
  return new BigQueryWriteClient({
    projectId: address.GOOGLE_CLOUD_PROJECT,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    ...(local && localOptions(local)),
  })
}

function localOptions(address: string) {
  const { hostname, port } = new URL(`grpc://${address}`)
  return {
    apiEndpoint: hostname,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    // Named, since it is looked up with Google's credentials otherwise, and a local server needs none.
    clientOptions: { universeDomain: 'googleapis.com' },
  }
}
