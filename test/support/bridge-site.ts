// What a test of the bridge stands on: Temporal with our search attributes, and for each test topics of its own.

import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { connectClient } from '#runtime/temporal'
import type { Stack } from '../../deploy/local/stack.ts'
import { terminateAll } from './batches.ts'
import { createTopic, type Topic } from './topic.ts'

type Stoppable = { readonly stop: () => Promise<void> }

export type BridgeSite = {
  readonly client: () => Client
  /** The topics of the test that runs; its batches are on the task queue of the same name. */
  readonly topic: () => Topic
  /** The bridge stops after the test, before its batches are terminated. */
  readonly stopLater: <Bridge extends Stoppable>(bridge: Bridge) => Bridge
}

/** Call at the top of a test file, after `useStack`. */
export function useBridgeSite(stack: () => Stack<'temporal' | 'pubsub'>): BridgeSite {
  const bridges: Stoppable[] = []
  let client: Client
  let topic: Topic
  beforeAll(async () => {
    client = await connectClient()
    await setUpSearchAttributes(client)
  })
  afterAll(() => client.connection.close())
  beforeEach(async () => {
    topic = createTopic(stack().pubsub.host)
    await topic.create()
  })
  afterEach(async () => {
    await Promise.all(bridges.splice(0).map((bridge) => bridge.stop()))
    await terminateAll(client, topic.name)
    await topic.close()
  })
  return {
    client: () => client,
    topic: () => topic,
    stopLater: (bridge) => {
      bridges.push(bridge)
      return bridge
    },
  }
}
