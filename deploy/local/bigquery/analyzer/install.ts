/** Installs GoogleSQL's analyzer: its WebAssembly module, the time zones it reads and the schema of its messages. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pipInstall } from '../../pip.ts'
import { messageSchema } from './message-schema.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const requirements = join(here, 'requirements.txt')

/** The files that decide what is installed: a change of one of them installs anew. */
export const analyzerPins: readonly string[] = [
  requirements,
  join(here, 'install.ts'),
  join(here, 'message-schema.ts'),
]

/** Where an installed analyzer has its parts. */
export const analyzerFiles = (folder: string) => ({
  module: join(folder, 'googlesql.wasm'),
  zones: join(folder, 'zoneinfo'),
  schema: join(folder, 'messages.json'),
})

/** Fills `folder` by pip, which checks the packages' hashes, and keeps only what the analyzer needs. */
export async function installAnalyzer(folder: string, python: string, logFile: string) {
  const wheels = join(folder, 'wheels')
  await pipInstall({ python, requirements, target: wheels, logFile, filesOnly: true })
  const { module, zones, schema } = analyzerFiles(folder)
  await rename(join(wheels, 'zetasql', 'wasi', 'zetasql.wasm'), module)
  await rename(join(wheels, 'tzdata', 'zoneinfo'), zones)
  const messages = await messageSchema(join(wheels, 'zetasql', 'wasi', '_pb2'))
  await writeFile(schema, JSON.stringify(messages))
  await rm(wheels, { recursive: true })
}
