// Registers the search attributes by which the Temporal UI filters dead letters.

import type { Client } from '@temporalio/client'
import proto from '@temporalio/proto'
import { SEARCH_ATTRIBUTES } from '#contracts'
import type { Change } from './tables.ts'

const { IndexedValueType } = proto.temporal.api.enums.v1

const TYPE = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KEYWORD_LIST: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const

const GRPC_UNIMPLEMENTED = 12
const GRPC_PERMISSION_DENIED = 7

/**
 * Idempotent. Temporal Cloud has no such call: there they are made in its own console, and this says which.
 * @throws ServiceError of Temporal's client
 */
export async function setUpSearchAttributes(client: Client): Promise<Change[]> {
  const { operatorService } = client.connection
  const { namespace } = client.options
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace })
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !customAttributes[name])
    if (missing.length > 0) {
      const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPE[type]]))
      await operatorService.addSearchAttributes({ namespace, searchAttributes })
    }
    const isNew = new Set(missing.map(([name]) => name))
    return Object.keys(SEARCH_ATTRIBUTES).map((name) => ({
      what: `search attribute ${name}`,
      did: isNew.has(name) ? 'created' : 'unchanged',
    }))
  } catch (error) {
    if (!isRefused(error)) throw error
    const names = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `${name} (${type})`)
    throw new Error(
      `This Temporal takes no search attributes from a client. Create them in its console: ${names.join(', ')}`,
      { cause: error },
    )
  }
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === GRPC_UNIMPLEMENTED || error.code === GRPC_PERMISSION_DENIED
}
