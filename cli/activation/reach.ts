// What the commands of activation work on.

import type { Client } from '@temporalio/client'
import type { CliConfig } from '#runtime/config'
import { connectClient } from '#runtime/temporal'

type Use<Result> = (client: Client) => Promise<Result>

/** @throws where Temporal does not answer */
export async function withTemporal<Result>(use: Use<Result>): Promise<Result> {
  const client = await connectClient()
  try {
    return await use(client)
  } finally {
    await client.connection.close()
  }
}

export const placeOf = (client: Client, config: CliConfig) => ({
  client,
  taskQueue: config.TEMPORAL_TASK_QUEUE,
})
