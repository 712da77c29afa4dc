// A BigQuery that lies: it stands in front of a real one, and confirms rows of some tables without storing them.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { BigQuery } from '@google-cloud/bigquery'
import { KEEP_ALIVE_MS } from '../../deploy/local/keep-alive.ts'
import { bigqueryAt } from './parts.ts'

export type LyingBigQuery = {
  readonly bigquery: BigQuery
  /** From now on rows of these tables are lost; all others, and all after an empty list, are stored. */
  readonly loseRowsOf: (...tables: readonly string[]) => void
  readonly close: () => Promise<void>
}

const CONFIRMED = JSON.stringify({ kind: 'bigquery#tableDataInsertAllResponse' })

/** @param target `http://host:port` of the BigQuery behind it */
export async function startLyingBigQuery(target: string): Promise<LyingBigQuery> {
  let lost: readonly string[] = []
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const table = /\/tables\/(\w+)\/insertAll/.exec(request.url ?? '')?.[1]
    const isLost = table !== undefined && lost.includes(table)
    const answered = isLost ? confirm(request, response) : pass(target, request, response)
    answered.catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const own = server.address()
  return {
    bigquery: clientOf(`http://127.0.0.1:${typeof own === 'object' ? own?.port : 0}`),
    loseRowsOf: (...tables) => {
      lost = tables
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Google's client prefers the variable, which names the BigQuery behind, to what it is given. */
function clientOf(url: string): BigQuery {
  const { BIGQUERY_EMULATOR_HOST: behind } = process.env
  delete process.env['BIGQUERY_EMULATOR_HOST']
  try {
    return bigqueryAt(url)
  } finally {
    if (behind !== undefined) process.env['BIGQUERY_EMULATOR_HOST'] = behind
  }
}

async function confirm(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await buffer(request)
  response.setHeader('content-type', 'application/json; charset=UTF-8').end(CONFIRMED)
}

async function pass(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', headers, url = '/' } = request
  const body = await buffer(request)
  const answer = await fetch(new URL(url, target), {
    method,
    headers: {
      'content-type': headers['content-type'] ?? 'application/json',
      ...(headers['content-encoding'] && { 'content-encoding': headers['content-encoding'] }),
    },
    ...(body.length > 0 && { body }),
  })
  response.statusCode = answer.status
  response.setHeader('content-type', answer.headers.get('content-type') ?? 'application/json')
  response.end(Buffer.from(await answer.arrayBuffer()))
}
