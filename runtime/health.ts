// Liveness over HTTP for the platform: 200 while the process can do its work, 503 while it cannot.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { HTTP } from './status-codes.ts'

/**
 * Serves GET /healthz on `port` of every interface until `close`; does nothing where no port is configured.
 * @throws where the port cannot be opened
 */
export async function serveHealth(
  port: number | undefined,
  isHealthy: () => boolean,
): Promise<{ close(): void }> {
  if (port === undefined) return { close: () => {} }
  const server = createServer((request, response) => {
    const known = request.url === '/healthz'
    const status = isHealthy() ? HTTP.OK : HTTP.SERVICE_UNAVAILABLE
    response.writeHead(known ? status : HTTP.NOT_FOUND).end()
  })
  try {
    await once(server.listen(port), 'listening')
  } catch (cause) {
    throw new Error(`HEALTH_PORT ${port} cannot be opened.`, { cause })
  }
  return { close: () => void server.close() }
}
