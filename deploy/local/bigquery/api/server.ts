// The local BigQuery: opens the DuckDB file, puts the parts together and serves the routes of its REST API.

import { chmod, mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { dirname } from 'node:path'
import { KEEP_ALIVE_MS } from '../../keep-alive.ts'
import { type AnalyzerLoader, createAnalyzerLoader } from '../analyzer/load.ts'
import { openCatalog } from '../engine/catalog.ts'
import { type Database, openDatabase } from '../engine/database.ts'
import { createDedupe } from '../engine/dedupe.ts'
import { createJobs } from '../engine/jobs.ts'
import { createPrepare } from '../engine/prepare.ts'
import type { StatementDeps } from '../engine/statements.ts'
import { createStreamingBuffer } from '../engine/streaming-buffer.ts'
import { createDatasetRoutes } from './datasets.ts'
import { createFaults } from './fault-injection.ts'
import { createApi, type Route } from './http.ts'
import { createInsertAll } from './insert-all.ts'
import { createJobRoutes } from './job-routes.ts'
import { countRows, createListRows } from './pages.ts'
import { createResultRoutes } from './results.ts'
import { createTableRoutes } from './tables.ts'
import { createUploadRoutes } from './uploads.ts'

export { FileLockedError } from '../engine/database.ts'

export type LocalBigQueryOptions = {
  /** The DuckDB file; it and its folder are made if they are not there. */
  readonly file: string
  /** @default 0, any free port */
  readonly port?: number
  /** @default '127.0.0.1' */
  readonly host?: string
  /** The one project it serves. @default 'local' */
  readonly project?: string
  /**
   * Whether GoogleSQL's analyzer loads once the server listens, instead of with the first statement.
   * @default false
   */
  readonly preload?: boolean
}

export type LocalBigQuery = {
  /** The address for a client's `apiEndpoint`. */
  readonly url: string
  /** Ends open requests, checkpoints the file and lets go of it. */
  close(): Promise<void>
}

/**
 * Serves the file until `close`.
 * @throws FileLockedError while another process has the file open
 */
export async function startLocalBigQuery(options: LocalBigQueryOptions): Promise<LocalBigQuery> {
  const { file, port = 0, host = '127.0.0.1', project = 'local', preload = false } = options
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const database = await openDatabase(file, project)
  const analyzer = createAnalyzerLoader()
  try {
    await chmod(file, 0o600)
    const api = createApi(await createRoutes(database, project, analyzer))
    const server = createServer(
      { keepAliveTimeout: KEEP_ALIVE_MS },
      (request, response) => void api(request, response),
    )
    await listen(server, port, host)
    // A server that is never asked anything must not fail because its analyzer does.
    if (preload) analyzer.load().catch(() => {})
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${portOf(server)}`,
      close: async () => {
        await stop(server)
        await analyzer.settle()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

async function createRoutes(
  database: Database,
  projectId: string,
  analyzer: AnalyzerLoader,
): Promise<Route[]> {
  const dedupe = createDedupe()
  const faults = createFaults()
  const streamingBuffer = createStreamingBuffer()
  const catalog = await openCatalog(database, projectId, (emptied) => {
    dedupe.forget(emptied)
    streamingBuffer.forget(emptied)
  })
  const prepared = createPrepare(catalog, analyzer.load)
  const statements: StatementDeps = { catalog, database, streamingBuffer, ...prepared }
  const datasets = createDatasetRoutes(catalog)
  const tables = createTableRoutes(statements, countRows(database))
  const allJobs = createJobs(projectId, (result) =>
    database.read((connection) => connection.run(`DROP TABLE ${result}`)),
  )
  const jobs = createJobRoutes(allJobs, statements)
  const results = createResultRoutes(allJobs, database, projectId)
  const uploads = createUploadRoutes(statements, allJobs)
  const insertAll = createInsertAll({ ...statements, dedupe, faults })

  const project = `/projects/${projectId}`
  const dataset = `${project}/datasets/:dataset`
  const table = `${dataset}/tables/:table`
  return [
    ['POST', `/upload${project}/jobs`, uploads.insert],
    ['PUT', `/upload${project}/jobs`, uploads.continue],
    ['GET', `${results.path}/:table`, results.get],
    ['GET', `${results.path}/:table/data`, results.list],
    ['POST', `${table}/insertAll`, insertAll],
    ['GET', `${table}/data`, createListRows(catalog, database)],
    ['POST', `${project}/queries`, jobs.query],
    ['GET', `${project}/queries/:job`, jobs.getQueryResults],
    ['POST', `${project}/jobs`, jobs.insert],
    ['GET', `${project}/jobs`, jobs.list],
    ['GET', `${project}/jobs/:job`, jobs.get],
    ['POST', `${project}/jobs/:job/cancel`, jobs.cancel],
    ['POST', `${dataset}/tables`, tables.insert],
    ['GET', `${dataset}/tables`, tables.list],
    ['GET', table, tables.get],
    ['PATCH', table, tables.patch],
    ['PUT', table, tables.update],
    ['DELETE', table, tables.delete],
    ['POST', `${project}/datasets`, datasets.insert],
    ['GET', `${project}/datasets`, datasets.list],
    ['GET', dataset, datasets.get],
    ['PATCH', dataset, datasets.update],
    ['PUT', dataset, datasets.update],
    ['DELETE', dataset, datasets.delete],
    ['GET', '/healthz', async () => ({ status: 'ok' })],
    ['POST', '/_faults', faults.add],
    ['DELETE', '/_faults', faults.clear],
    ['DELETE', '/_streaming-buffer', async () => (streamingBuffer.flush(), {})],
    ['DELETE', '/_insert-ids', async () => (dedupe.flush(), {})],
  ]
}

const listen = (server: Server, port: number, host: string) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })

const stop = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

function portOf(server: Server) {
  const address = server.address()
  return typeof address === 'object' ? address?.port : address
}
