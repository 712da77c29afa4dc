// A task queue is served by a worker that has polled it within the last minute, and by none that has ended since.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { isServed } from '#runtime/task-queue-pollers'

const secondsAgo = (seconds: number) => ({
  lastAccessTime: { seconds: Math.floor(Date.now() / 1000) - seconds },
})

const WORKFLOWS = 1
const ACTIVITIES = 2

async function ask(tasks: 'workflows' | 'activities', pollers: readonly object[]) {
  const asked: unknown[] = []
  const client: Client = Object({
    options: { namespace: 'cars' },
    workflowService: {
      describeTaskQueue: async (request: unknown) => {
        asked.push(request)
        return { pollers }
      },
    },
  })
  return { isServed: await isServed(client, 'queue', tasks), asked }
}

test.each([
  ['workflows', WORKFLOWS],
  ['activities', ACTIVITIES],
] as const)('it asks for the pollers of %s', async (tasks, taskQueueType) => {
  const { asked } = await ask(tasks, [])
  expect(asked).toEqual([{ namespace: 'cars', taskQueue: { name: 'queue' }, taskQueueType }])
})

test.each([
  [[], false],
  [[secondsAgo(0)], true],
  [[secondsAgo(65)], true],
  [[secondsAgo(75)], false],
  [[secondsAgo(600), secondsAgo(5)], true],
  [[{ lastAccessTime: null }], false],
])('polled as in %j: %s', async (pollers, served) => {
  expect((await ask('workflows', pollers)).isServed).toBe(served)
})
