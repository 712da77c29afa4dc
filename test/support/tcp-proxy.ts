// A server in front of another, which can go away while the other stays.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export type TcpProxy = {
  /** `host:port`. */
  readonly address: string
  /** Cuts every connection and takes no more. */
  readonly goAway: () => void
}

/** @param target `host:port` */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const [host, port] = target.split(':')
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect({ host: host ?? '', port: Number(port) })
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => socket.destroy())
    near.pipe(far).pipe(near)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const own = server.address()
  return {
    address: `127.0.0.1:${typeof own === 'object' ? own?.port : 0}`,
    goAway: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
