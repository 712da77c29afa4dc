// Closes dead letters for good. The events stay in the tables, with who gave them up and why.

import { type Following, type Pipeline, type ResolutionReport, resolveLetters } from './resolve.ts'
import { type Selector, select } from './select.ts'
import type { Who } from './who.ts'

/** @throws OperationError of `select` and `resolveLetters` */
export async function discard(
  pipeline: Pipeline,
  options: Selector & Who & Following,
): Promise<ResolutionReport> {
  const selection = await select(pipeline.store, pipeline.client, options)
  return resolveLetters(pipeline, { ...options, action: 'discard', selection, plan: () => null })
}
