// Change events are connected only where there is a topic for them, and their connection is closed with the worker.

import { PublisherClient } from '@google-cloud/pubsub/build/src/v1/index.js'
import { afterEach, expect, jest, test } from '@jest/globals'
import { readConfig, workerConfig } from '#runtime/config'
import { noRemoteLog } from '#runtime/remote-log'
import type { Reader } from '#warehouse/read'
import { connectChangeEvents } from '../../../workers/connect-change-events.ts'

afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

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

test('they are published to the topic of the project that is named', async () => {
  const asked: unknown[] = []
  jest.spyOn(PublisherClient.prototype, 'publish').mockImplementation((request: unknown) => {
    asked.push(request)
    return Object(Promise.resolve([{ messageIds: ['1'] }]))
  })
  const config = configWith({ CHANGE_EVENTS_TOPIC: 'changes' })
  const { changeEvents, close } = await connectChangeEvents(config, read, noRemoteLog)
  const one = { data: Buffer.from('x'), attributes: {}, orderingKey: 'order' }
  await changeEvents?.publish([one])
  expect(asked).toEqual([{ topic: 'projects/a-project/topics/changes', messages: [one] }])
  await close()
})

/** docs/adr/0034: so that an outage of Pub/Sub does not slow down staging. */
test('after an attempt that failed or takes three seconds no other is made for half a minute', async () => {
  const config = configWith({ CHANGE_EVENTS_TOPIC: 'changes' })
  const { changeEvents, close } = await connectChangeEvents(config, read, noRemoteLog)
  await close()
  jest.useFakeTimers()
  let calls = 0
  const attempt = (work: () => Promise<void> = async () => {}) =>
    changeEvents?.breaker(async () => {
      calls += 1
      return work()
    })
  await expect(attempt(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
  jest.advanceTimersByTime(29_999)
  await expect(attempt()).rejects.toThrow('away')
  jest.advanceTimersByTime(1)
  await attempt()
  expect(calls).toBe(2)
  void attempt(() => new Promise(() => {}))
  jest.advanceTimersByTime(2_999)
  await attempt()
  jest.advanceTimersByTime(1)
  await expect(attempt()).rejects.toMatchObject({
    type: 'pubsub_unavailable',
    message: 'Pub/Sub publish: no answer: an earlier batch has not been published after seconds',
  })
  expect(calls).toBe(4)
})
