// The one connection a process has to a table: opened on first use, and again after it broke.

import pLimit from 'p-limit'
import type { Answer } from './answer.ts'
import { readConnectionError } from './answer.ts'
import { type Clients, ClientsClosedError } from './clients.ts'
import { Connection, type Target } from './connection.ts'

/**
 * Appends under way on one connection: enough to hide an answer's way back, few enough that 9 MB each stay
 * far from a worker's memory.
 */
const MAX_IN_FLIGHT = 8

export class TableStream {
  readonly #clients: Clients
  readonly #target: Target
  readonly #timeoutMs: number
  readonly #inFlight = pLimit(MAX_IN_FLIGHT)
  /** One is open; the others were retired, and are about to end. */
  readonly #connections = new Set<Connection>()

  constructor(clients: Clients, target: Target, timeoutMs: number) {
    this.#clients = clients
    this.#target = target
    this.#timeoutMs = timeoutMs
  }

  /** Never rejects: a connection that cannot be opened is the answer. */
  append(rows: Uint8Array[]): Promise<Answer> {
    return this.#inFlight(async () => {
      try {
        const client = await this.#clients.get()
        // From here on without a pause, or two appends would open a connection each.
        const connection = this.#current() ?? this.#open(client)
        return await connection.append(rows)
      } catch (error) {
        const isClosed = error instanceof ClientsClosedError
        const fault = isClosed ? { message: error.message } : readConnectionError(error)
        return { kind: 'fault', fault }
      }
    })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.close()))
  }

  #current(): Connection | undefined {
    return [...this.#connections].find(({ isOpen }) => isOpen)
  }

  /** BigQuery finds the table's region by this header. */
  #open(client: Awaited<ReturnType<Clients['get']>>): Connection {
    const params = `write_stream=${encodeURIComponent(this.#target.writeStream)}`
    const stream = client.appendRows({
      otherArgs: { headers: { 'x-goog-request-params': params } },
    })
    const connection = new Connection(stream, this.#target, this.#timeoutMs)
    this.#connections.add(connection)
    void connection.ended.then(() => this.#connections.delete(connection))
    return connection
  }
}
