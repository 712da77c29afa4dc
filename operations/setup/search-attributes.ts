// Registers the search attributes by which the Temporal UI filters dead letters.

import type { Client } from '@temporalio/client'
import proto from '@temporalio/proto'
import { SEARCH_ATTRIBUTES } from '#contracts'
import { codeOf, GRPC } from '#runtime/status-codes'
import type { Change } from './change.ts'

const { IndexedValueType } = proto.temporal.api.enums.v1

const kind = 'search attribute'

/** The number of each type in the API of Temporal. */
export const SEARCH_ATTRIBUTE_TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KEYWORD_LIST: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const

/**
 * Idempotent. Temporal Cloud takes none from a client: there a person makes them in its console, and this says which.
 * @throws ServiceError of Temporal's client
 */
export async function setUpSearchAttributes(client: Client): Promise<Change[]> {
  const { operatorService } = client.connection
  const { namespace } = client.options
  const all = Object.entries(SEARCH_ATTRIBUTES)
  const response = await unlessRefused(() => operatorService.listSearchAttributes({ namespace }))
  if (!response) return all.map(byHand)

  const missing = all.filter(([name]) => !response.customAttributes[name])
  const searchAttributes = Object.fromEntries(
    missing.map(([name, type]) => [name, SEARCH_ATTRIBUTE_TYPES[type]]),
  )
  const isAdded =
    missing.length > 0 &&
    (await unlessRefused(() =>
      operatorService.addSearchAttributes({ namespace, searchAttributes }),
    )) !== null
  const isMissing = new Set(missing.map(([name]) => name))
  return all.map(([name, type]) => {
    if (!isMissing.has(name)) return { kind, name, did: 'unchanged' }
    return isAdded ? { kind, name, did: 'created' } : byHand([name, type])
  })
}

const byHand = ([name, type]: readonly [name: string, type: string]): Change => ({
  kind,
  name,
  did: 'by hand',
  type,
})

/** @returns null where this Temporal leaves it to its console */
async function unlessRefused<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await request()
  } catch (error) {
    if (isRefused(error)) return null
    throw error
  }
}

function isRefused(error: unknown): boolean {
  const code = codeOf(error)
  return code === GRPC.UNIMPLEMENTED || code === GRPC.PERMISSION_DENIED
}
