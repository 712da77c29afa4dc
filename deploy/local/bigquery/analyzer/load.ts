// Loads the analyzer once, while the server already listens: compiling the module takes most of a second.

import { ensureAnalyzer } from '../../tools.ts'
import { type Analyzer, createAnalyzer } from './analyzer.ts'
import { analyzerFiles } from './install.ts'
import { readMessages } from './messages.ts'
import { compileService } from './module.ts'

export type AnalyzerLoader = {
  /** Begins to load with the first call; rejects where the analyzer is neither installed nor can be. */
  readonly load: () => Promise<Analyzer>
  /** Waits for a load that has begun, so that nothing compiles once the server has closed. */
  readonly settle: () => Promise<void>
}

/** Loads nothing by itself. */
export function createAnalyzerLoader(): AnalyzerLoader {
  let loading: Promise<Analyzer> | undefined
  return {
    load: () => (loading ??= loadAnalyzer()),
    settle: async () => {
      await Promise.allSettled([loading])
    },
  }
}

async function loadAnalyzer(): Promise<Analyzer> {
  const { module, zones, schema } = analyzerFiles(await ensureAnalyzer())
  const [start, messages] = await Promise.all([compileService(module, zones), readMessages(schema)])
  return createAnalyzer(() => messages(start()))
}
