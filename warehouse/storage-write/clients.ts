// Google's client, signed in on first use, and made anew where that failed.

import type { v1 } from '@google-cloud/bigquery-storage'

type Client = v1.BigQueryWriteClient

/** Nothing is sent any more; the message is our own. */
export class ClientsClosedError extends Error {
  override readonly name = 'ClientsClosedError'
}

/** All tables share one client, and with it one HTTP/2 channel. */
export class Clients {
  readonly #create: () => Client
  #ready: Promise<Client> | undefined
  #isClosed = false

  constructor(create: () => Client) {
    this.#create = create
  }

  /**
   * Signing in is waited for here: a client that is used before ends the process where it fails, and one that
   * has failed keeps its failure for ever.
   */
  async get(): Promise<Client> {
    if (this.#isClosed) throw new ClientsClosedError('this process is stopping')
    this.#ready ??= signIn(this.#create())
    try {
      return await this.#ready
    } catch (error) {
      this.#ready = undefined
      throw error
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const client = await this.#ready?.catch(() => undefined)
    await client?.close()
  }
}

async function signIn(client: Client): Promise<Client> {
  await client.initialize()
  return client
}
