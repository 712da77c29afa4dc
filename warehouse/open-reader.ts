// A reader whose client is loaded with the first statement: Google's client takes a second to load.

import type { WarehouseAddress } from './client.ts'
import type { Reader } from './read.ts'

/** Connects with the first statement. See `Reader` for what it throws. */
export function openReader(address: WarehouseAddress): Reader {
  let opening: Promise<Reader> | undefined
  return async (statement) => {
    opening ??= connect(address)
    const read = await opening
    return read(statement)
  }
}

async function connect(address: WarehouseAddress): Promise<Reader> {
  const [{ createBigQuery }, { createReader }] = await Promise.all([
    import('./client.ts'),
    import('./read.ts'),
  ])
  return createReader(createBigQuery(address))
}
