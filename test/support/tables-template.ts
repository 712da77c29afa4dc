// A file of the local BigQuery with the tables and views of `npm run setup`: it is made once, and copied for each stack.

import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installOnce } from '../../deploy/local/install.ts'
import { repoDir, stackDir } from '../../deploy/local/paths.ts'
import { makePrivateFolder } from '../../deploy/local/private-folder.ts'
import { startStack } from '../../deploy/local/stack.ts'
import { sourceFiles } from './source-files.ts'

const FILE = 'bigquery.duckdb'

/** What the file depends on: the tables, what makes them, and the local BigQuery. */
const SOURCES = ['contracts/', 'operations/setup/', 'deploy/local/bigquery/']

/** Puts the file into the folder of a stack that has not started yet. */
export async function copyTables(dataDir: string): Promise<void> {
  const template = await installOnce(join(stackDir, 'test'), 'tables', sources(), makeTables)
  await makePrivateFolder(dataDir)
  await copyFile(join(template, FILE), join(dataDir, FILE))
}

const sources = () =>
  sourceFiles()
    .filter((file) => SOURCES.some((folder) => file.startsWith(folder)))
    .map((file) => join(repoDir, file))

async function makeTables(dataDir: string): Promise<void> {
  const stack = await startStack({ dataDir, services: ['bigquery'] })
  const { setUpTables } = await import('#operations/setup/tables')
  const { bigqueryAt } = await import('./parts.ts')
  await setUpTables(bigqueryAt(stack.bigquery.url), 'EU')
  await stack.stop()
}
