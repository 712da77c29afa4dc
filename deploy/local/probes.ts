// Says when something that was started is ready: by what it printed, or by whether it answers.

import { connect, createServer } from 'node:net'

/** Called with all the output so far, again and again; answers the address once it is ready. */
export type Probe = (output: string) => Promise<string | undefined> | string | undefined

/** Ready when the output holds a line `{"listening":"<address>"}`; answers that address. */
export const listeningLine: Probe = (output) => /^\{"listening":"([^"]+)"\}$/m.exec(output)?.[1]

/** Ready when one of our own processes says so in its log. */
export const saysReady: Probe = (output) => (output.includes('"msg":"ready"') ? 'ready' : undefined)

const CONNECT_WITHIN_MS = 2_000

/** Whether something accepts connections at `host:port` or at a URL's host and port. */
export function acceptsConnections(address: string): Promise<boolean> {
  const url = new URL(address.includes('://') ? address : `tcp://${address}`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_WITHIN_MS })
    const answer = (isUp: boolean) => () => {
      socket.destroy()
      resolve(isUp)
    }
    socket.once('connect', answer(true))
    socket.once('error', answer(false))
    socket.once('timeout', answer(false))
  })
}

/** A free port on the loopback address: the preferred one if it is free, else any. */
export const freePort = (preferred = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', () => (preferred === 0 ? reject : resolve(freePort())))
    server.listen(preferred, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
