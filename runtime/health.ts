// Liveness and readiness over HTTP for the platform: 200 while they hold, 503 while they do not.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { HTTP } from './status-codes.ts'

export type Health = {
  /** False where only a restart can help. */
  readonly isAlive: () => boolean
  /** Why the process cannot do its work at the moment, such as `Temporal does not answer`; empty where it can. */
  readonly whyNotReady: () => readonly string[]
}

/** The second is the older name. */
const ALIVE = ['/livez', '/healthz']

/**
 * Serves GET /livez, its older name /healthz, and /readyz on `port` of every interface until `close`; does nothing where no port
 * is configured. The body says why the process is not ready, one reason a line.
 * @throws where the port cannot be opened
 */
export async function serveHealth(
  port: number | undefined,
  { isAlive, whyNotReady }: Health,
): Promise<{ close(): void }> {
  if (port === undefined) return { close: () => {} }
  const problemsAt = (path: string | undefined): readonly string[] | null => {
    if (ALIVE.includes(path ?? '')) return isAlive() ? [] : ['the process has failed']
    return path === '/readyz' ? whyNotReady() : null
  }
  const server = createServer((request, response) => {
    const problems = problemsAt(request.url)
    if (problems === null) return response.writeHead(HTTP.NOT_FOUND).end()
    const status = problems.length === 0 ? HTTP.OK : HTTP.SERVICE_UNAVAILABLE
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    return response.end(problems.map((problem) => `${problem}\n`).join(''))
  })
  try {
    await once(server.listen(port), 'listening')
  } catch (cause) {
    throw new Error(`HEALTH_PORT ${port} cannot be opened.`, { cause })
  }
  return { close: () => void server.close() }
}
