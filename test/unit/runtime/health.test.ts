// The health port tells the platform whether the process can do its work.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { serveHealth } from '#runtime/health'
import { portOf } from '../../support/port-of.ts'
import { onFreePort } from '../../support/ports.ts'

test('it is alive until it has failed, and ready while it can do its work', async () => {
  const state = { isAlive: true, problems: ['Temporal does not answer', 'it drains'] }
  const told = { isAlive: () => state.isAlive, whyNotReady: () => state.problems }
  const { health, port } = await onFreePort(async (free) => ({
    health: await serveHealth(free, told),
    port: free,
  }))
  const answer = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return [response.status, await response.text()]
  }
  expect(await answer('/livez')).toEqual([200, ''])
  expect(await answer('/healthz')).toEqual([200, ''])
  expect(await answer('/readyz')).toEqual([503, 'Temporal does not answer\nit drains\n'])
  expect(await answer('/other')).toEqual([404, ''])
  Object.assign(state, { isAlive: false, problems: [] })
  expect(await answer('/livez')).toEqual([503, 'the process has failed\n'])
  expect(await answer('/healthz')).toEqual([503, 'the process has failed\n'])
  expect(await answer('/readyz')).toEqual([200, ''])
  health.close()
})

const WELL = { isAlive: () => true, whyNotReady: () => [] }

test('a port that is taken is named', async () => {
  const taken = createServer()
  await once(taken.listen(0), 'listening')
  const port = portOf(taken)
  await expect(serveHealth(port, WELL)).rejects.toThrow(`HEALTH_PORT ${port} cannot be opened.`)
  taken.close()
})
