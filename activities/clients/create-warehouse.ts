// The warehouse as the configuration asks for it.

import { createBigQuery } from '#runtime/bigquery'
import { createStorageWriteClient } from '#runtime/bigquery-storage'
import { type WorkerConfig, warehouseWriter } from '#runtime/config'
import { createInsertAllWarehouse } from './insert-all.ts'
import { noRemoteLog } from './remote-log.ts'
import { createStorageWriteWarehouse } from './storage-write/adapter.ts'
import type { OpenWarehouse } from './warehouse.ts'

export function createWarehouse(config: WorkerConfig, remoteLog = noRemoteLog): OpenWarehouse {
  if (warehouseWriter(config) === 'insert-all')
    return {
      ...createInsertAllWarehouse(createBigQuery(config), { remoteLog }),
      close: async () => {},
    }
  return createStorageWriteWarehouse({
    createClient: () => createStorageWriteClient(config),
    project: config.GOOGLE_CLOUD_PROJECT,
    remoteLog,
  })
}
