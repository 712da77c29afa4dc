// Starts real parts for the tests of one file, on free ports and in a folder of their own.

import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import type { Service } from '../../deploy/local/environment.ts'
import { stackDir } from '../../deploy/local/paths.ts'
import { type Stack, startStack } from '../../deploy/local/stack.ts'
import { copyTables } from './tables-template.ts'

/** The first start on a machine installs the tools. */
const START_LIMIT_MS = 300_000

/**
 * Call at the top of a test file; the stack is there in tests and later hooks, and its variables are in
 * `process.env`, where Temporal's own configuration loader reads them.
 */
export const useStack = <Wanted extends Service>(...services: Wanted[]): (() => Stack<Wanted>) =>
  use(services, async () => {})

/** The same, where BigQuery has the tables and views of `npm run setup` already. */
export const useStackWithTables = <Wanted extends Service>(
  ...services: Wanted[]
): (() => Stack<Wanted>) => use(services, copyTables)

function use<Wanted extends Service>(
  services: readonly Wanted[],
  prepare: (dataDir: string) => Promise<void>,
): () => Stack<Wanted> {
  const dataDir = join(stackDir, 'test', randomUUID())
  let stack: Stack<Wanted> | undefined
  beforeAll(async () => {
    await prepare(dataDir)
    stack = await startStack({ dataDir, services })
    Object.assign(process.env, stack.env, { GOOGLE_CLOUD_PROJECT: 'local' })
  }, START_LIMIT_MS)
  afterAll(async () => {
    await stack?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  return () => {
    if (!stack) throw new Error('the stack is there from beforeAll on')
    return stack
  }
}
