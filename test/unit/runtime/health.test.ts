// The health port tells the platform whether the process can do its work.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { serveHealth } from '#runtime/health'

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0), 'listening')
  const { port }: AddressInfo = Object(server.address())
  server.close()
  return port
}

test('it answers 200 while all is well, 503 while not, and 404 elsewhere', async () => {
  let isWell = true
  const port = await freePort()
  const health = await serveHealth(port, () => isWell)
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
  expect(await status('/healthz')).toBe(200)
  expect(await status('/other')).toBe(404)
  isWell = false
  expect(await status('/healthz')).toBe(503)
  health.close()
})

test('a port that is taken is named', async () => {
  const port = await freePort()
  const first = await serveHealth(port, () => true)
  await expect(serveHealth(port, () => true)).rejects.toThrow(
    `HEALTH_PORT ${port} cannot be opened.`,
  )
  first.close()
})
