// A bridge whose wall clock is stepped, as NTP or an operator does, keeps pulling.

import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { connectClient } from '#runtime/temporal'
import { stackDir } from '../../../deploy/local/paths.ts'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { batchesWith } from '../../support/batches.ts'
import { findFaketime, NO_FAKETIME, steppedClock } from '../../support/faketime.ts'
import { startMain } from '../../support/main-process.ts'
import { useStack } from '../../support/stack.ts'
import { createTopic, type Topic } from '../../support/topic.ts'

const library = findFaketime()
const withFaketime = library === undefined ? describe.skip : describe
if (library === undefined) process.stderr.write(`test/timed/bridge/clock.test.ts: ${NO_FAKETIME}\n`)

/** Far less than the step: what waited for the wall clock would take as long as that. */
const SOON_MS = 20_000
const LINGER_MS = 2_000

withFaketime('a bridge with a clock that can be stepped', () => {
  const stack = useStack('temporal', 'pubsub')
  const logDir = join(stackDir, 'test', randomUUID())
  let client: Client
  let topic: Topic
  let bridge: RunningProcess
  let step: ReturnType<typeof steppedClock>['step']

  beforeAll(async () => {
    await mkdir(logDir, { recursive: true })
    client = await connectClient()
    await setUpSearchAttributes(client)
    topic = createTopic(stack().pubsub.host)
    await topic.create()
    const clock = steppedClock(library ?? '', join(logDir, 'faketime'))
    step = clock.step
    bridge = await startMain('bridge', logDir, {
      ...stack().env,
      ...topic.settings,
      ...clock.env,
      TEMPORAL_TASK_QUEUE: topic.name,
      BRIDGE_LINGER_MS: String(LINGER_MS),
    })
  })
  afterAll(async () => {
    await bridge.stop()
    await topic.close()
    await client.connection.close()
    await rm(logDir, { recursive: true, force: true })
  })

  test.each(['-15m', '+15m', '-60m'] as const)(
    'starts what was collected before a step of %s and what comes after it',
    async (offset) => {
      const before = await topic.publish({ data: `before ${offset}` })
      await sleep(LINGER_MS / 4)
      step(offset)
      const after = await topic.publish({ data: `after ${offset}` })
      const batches = await batchesWith(client, topic.name, [...before, ...after], SOON_MS)
      expect(batches.length).toBeGreaterThan(0)
      const later = await topic.publish({ data: `later ${offset}` })
      await batchesWith(client, topic.name, later, SOON_MS)
    },
  )
})
