// Which Temporal a process connects to, and that what it sends is encrypted where there are keys.

import { afterEach, expect, jest, test } from '@jest/globals'
import { Connection } from '@temporalio/client'
import { isEncrypted } from '#runtime/payload-codec'
import { newPayloadKey } from '#runtime/payload-keys'
import { connectClient, temporalAddress } from '#runtime/temporal'

const NAMES = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'PAYLOAD_KEYS'] as const
const before = NAMES.map((name) => [name, process.env[name]] as const)
afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  jest.restoreAllMocks()
})

function set(values: Partial<Record<(typeof NAMES)[number], string>>) {
  for (const name of NAMES) delete process.env[name]
  Object.assign(process.env, values)
}

test('the address and the namespace are those of the environment', async () => {
  const lazy = Connection.lazy()
  const connect = jest.spyOn(Connection, 'connect').mockResolvedValue(lazy)
  set({ TEMPORAL_ADDRESS: 'temporal.example.com:7233', TEMPORAL_NAMESPACE: 'cars' })
  const client = await connectClient('2 seconds')
  expect(client.options.namespace).toBe('cars')
  expect(connect).toHaveBeenCalledWith(
    expect.objectContaining({ address: 'temporal.example.com:7233', connectTimeout: '2 seconds' }),
  )
  set({})
  expect((await connectClient()).options.namespace).toBe('default')
  expect(temporalAddress()).toBe('localhost:7233')
  await lazy.close()
})

test.each([
  [{ PAYLOAD_KEYS: newPayloadKey() }, true],
  [{}, false],
])('payloads are encrypted where there are keys: %#', async (environment, expected) => {
  const lazy = Connection.lazy()
  jest.spyOn(Connection, 'connect').mockResolvedValue(lazy)
  set(environment)
  const { loadedDataConverter } = (await connectClient()).options
  const [codec] = loadedDataConverter.payloadCodecs
  const [payload] = (await codec?.encode([{ data: Buffer.from('plain') }])) ?? []
  expect(payload !== undefined && isEncrypted(payload)).toBe(expected)
  await lazy.close()
})

test('a Temporal that does not answer is named without its password', async () => {
  jest.spyOn(Connection, 'connect').mockRejectedValue(new Error('refused'))
  set({ TEMPORAL_ADDRESS: 'me:secret@temporal.example.com:7233' })
  const connecting = connectClient()
  await expect(connecting).rejects.toThrow('Temporal does not answer at ***@temporal.example.com')
  await expect(connecting).rejects.not.toThrow('secret')
})
