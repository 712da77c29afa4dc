// Connects a command to the pipeline's tables and its Temporal.

import type { Pipeline } from '#operations/dead-letters/resolve'
import { connectClient } from '#runtime/temporal'
import { openReader } from '#warehouse/open-reader'
import { type GooglePart, loadEnvironment } from '../environment.ts'

/** Connects for as long as `use` takes. @param others what it needs of Google's besides BigQuery */
export async function withPipeline<T>(
  use: (pipeline: Pipeline) => Promise<T>,
  others: readonly GooglePart[] = [],
): Promise<T> {
  const config = await loadEnvironment(['BIGQUERY_EMULATOR_HOST', ...others])
  const client = await connectClient()
  try {
    return await use({ config, store: openReader(config), client })
  } finally {
    await client.connection.close()
  }
}
