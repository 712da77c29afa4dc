// Installs and starts bqemulator, which speaks the Storage Write API that the local BigQuery of this project does not.

import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installOnce, runInstaller } from '../../../deploy/local/install.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { pipInstall } from '../../../deploy/local/pip.ts'
import { freePort } from '../../../deploy/local/probes.ts'
import { startProcess, wrappedCommand } from '../../../deploy/local/process.ts'

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url))
const PYTHON = 'python3'

export type BqEmulator = {
  /** As BIGQUERY_EMULATOR_HOST takes it. */
  readonly url: string
  /** As BIGQUERY_STORAGE_EMULATOR_HOST takes it. */
  readonly storageHost: string
  readonly stop: () => Promise<void>
}

/**
 * For tens of rows: it copies a table on every write to it, and spills into its working directory, which is
 * therefore a folder of its own that goes when it stops. The first start on a machine installs it.
 */
export async function startBqEmulator(): Promise<BqEmulator> {
  const env = environmentOf(await install())
  const dir = join(stackDir, 'test', randomUUID())
  await mkdir(dir, { recursive: true })
  const [restPort, grpcPort] = [await freePort(), await freePort()]
  const ports = ['--rest-port', `${restPort}`, '--grpc-port', `${grpcPort}`]
  const emulator = await startProcess({
    name: 'bqemulator',
    command: wrappedCommand(PYTHON, '-m', 'bqemulator', 'start', '--project', 'local', ...ports),
    cwd: dir,
    logDir: dir,
    env,
    ready: (output) => (output.includes('"grpc.listen"') ? 'ready' : undefined),
  })
  return {
    url: `http://127.0.0.1:${restPort}/bigquery/v2`,
    storageHost: `127.0.0.1:${grpcPort}`,
    stop: async () => {
      await emulator.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Its packages, and the DuckDB extension it loads from the home directory: here the tool's own. */
const environmentOf = (installed: string) => ({ PYTHONPATH: installed, HOME: installed })

const install = () =>
  installOnce(join(stackDir, 'tools'), 'bqemulator', [requirements], async (target) => {
    const logFile = join(stackDir, 'logs', 'install-bqemulator.log')
    await pipInstall({ python: PYTHON, requirements, target, logFile })
    await runInstaller({
      command: PYTHON,
      args: ['-c', "from duckdb_extensions import import_extension; import_extension('spatial')"],
      cwd: target,
      env: environmentOf(target),
      logFile: join(stackDir, 'logs', 'install-bqemulator-extension.log'),
    })
  })
