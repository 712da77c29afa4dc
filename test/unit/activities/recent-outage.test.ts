// An outage is remembered for as long as a local attempt may take, and by local attempts only.

import { expect, test } from '@jest/globals'
import { createOutageMemory } from '../../../activities/recent-outage.ts'
import { attempt } from '../../support/activities.ts'

const away = new Error('away')

function memory() {
  const clock = { now: 0 }
  const outage = createOutageMemory(() => clock.now)
  const ask = (isLocal: boolean) => attempt(async () => outage.throwRecent(), [], { isLocal })
  const fail = () => outage.watch(() => Promise.reject(away)).catch(() => {})
  return { clock, outage, ask, fail }
}

test('a local attempt soon after a failed call fails like it, without a call', async () => {
  const { clock, ask, fail } = memory()
  await fail()
  clock.now = 4_999
  await expect(ask(true)).rejects.toBe(away)
})

test('an ordinary attempt always asks', async () => {
  const { ask, fail } = memory()
  await fail()
  await expect(ask(false)).resolves.toBeUndefined()
})

test('a local attempt asks again after five seconds, or once a call succeeded', async () => {
  const { clock, outage, ask, fail } = memory()
  await expect(ask(true)).resolves.toBeUndefined()
  await fail()
  clock.now = 5_000
  await expect(ask(true)).resolves.toBeUndefined()
  await fail()
  expect(await outage.watch(() => Promise.resolve('sent'))).toBe('sent')
  await expect(ask(true)).resolves.toBeUndefined()
})
