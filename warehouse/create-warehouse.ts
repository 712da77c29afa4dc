// The warehouse as the configuration asks for it.

import { type WorkerConfig, warehouseWriter } from '#runtime/config'
import { noRemoteLog } from '#runtime/remote-log'
import { createBigQuery } from './client.ts'
import { createInsertAllWarehouse } from './insert-all.ts'
import { createStorageWriteWarehouse } from './storage-write/adapter.ts'
import { createStorageWriteClient } from './storage-write/client.ts'
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
