// Change events are connected only where there is a topic for them, and their connection is closed with the worker.

import { PublisherClient } from '@google-cloud/pubsub/build/src/v1/index.js'
import { expect, jest, test } from '@jest/globals'
import { readConfig, workerConfig } from '#runtime/config'
import { noRemoteLog } from '#runtime/remote-log'
import type { Reader } from '#warehouse/read'
import { connectChangeEvents } from '../../../workers/connect-change-events.ts'

const configWith = (own: Record<string, string>) =>
  readConfig(workerConfig, {
    GOOGLE_CLOUD_PROJECT: 'a-project',
    SEGMENT_WRITE_KEY: 'key',
    PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
    ...own,
  })

const read: Reader = Object(async () => [])

test('without a topic there are none', async () => {
  const { changeEvents, close } = await connectChangeEvents(configWith({}), read, noRemoteLog)
  expect(changeEvents).toBeUndefined()
  await close()
})

test('with a topic they are published, and the connection is closed in the end', async () => {
  const closed = jest.spyOn(PublisherClient.prototype, 'close')
  const config = configWith({ CHANGE_EVENTS_TOPIC: 'changes' })
  const { changeEvents, close } = await connectChangeEvents(config, read, noRemoteLog)
  expect(Object.keys(changeEvents ?? {})).toEqual(['lookUp', 'publish', 'breaker'])
  expect(closed).not.toHaveBeenCalled()
  await close()
  expect(closed).toHaveBeenCalledTimes(1)
})
