// Lets a client of the stand-in see what it was sent.

import { expect } from '@jest/globals'
import type { Warehouse } from '#warehouse/warehouse'
import type { ServerState } from './state.ts'

const RECEIPT = {
  batch_id: 'b-1',
  publish_time: '2026-11-20T10:00:00Z',
  messages: 1,
  source: 'batch',
}

/**
 * After this the client has seen all that the server has sent before: the answer to an append to another table follows it on the one
 * HTTP/2 connection of all tables. The request is not kept.
 */
export async function untilSeen({ requests }: ServerState, warehouse: Warehouse): Promise<void> {
  const before = requests.length
  expect(await warehouse.append('batch_receipt', [{ key: ['b-1'], columns: RECEIPT }])).toEqual({
    written: 1,
    failed: [],
  })
  requests.splice(before, 1)
}
