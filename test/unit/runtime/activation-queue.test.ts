// The limit of the activation queue: what Temporal is asked and told of it, and how its answer is read.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import {
  readActivationQueue,
  readQueueLimit,
  writeActivationLimit,
} from '#runtime/activation-queue'

/** The number of Temporal's API for the queue of activities; that of workflows is 1. */
const ACTIVITIES = 2

/** A Temporal that answers every question alike. */
function temporal(answer: object) {
  const asked: unknown[] = []
  const waited: number[] = []
  const take = async (request: unknown) => {
    asked.push(request)
    return answer
  }
  const client: Client = Object({
    options: { namespace: 'cars' },
    withDeadline: (deadline: Date, work: () => unknown) => {
      waited.push(deadline.getTime() - Date.now())
      return work()
    },
    workflowService: { describeTaskQueue: take, updateTaskQueueConfig: take },
  })
  return { client, asked, waited }
}

const SET_AT = { seconds: 1_795_000_000, nanos: 250_999_999 }
const config = (queueRateLimit: object) => ({ queueRateLimit })
const BY_ANN = { reason: 'a sale', updateIdentity: 'ann', updateTime: SET_AT }

test('the limit, who set it when and why, the backlog and the rate are those of the server', async () => {
  const { client, asked, waited } = temporal({
    config: config({ rateLimit: { requestsPerSecond: 7.5 }, metadata: BY_ANN }),
    stats: { approximateBacklogCount: 12, tasksDispatchRate: 3.25 },
  })
  expect(await readActivationQueue(client, 'events')).toEqual({
    limit: { perSecond: 7.5, reason: 'a sale', identity: 'ann' },
    setAt: '2026-11-18T11:06:40.250Z',
    backlog: 12,
    dispatchedPerSecond: 3.25,
  })
  expect(asked).toEqual([
    {
      namespace: 'cars',
      taskQueue: { name: 'events-activation' },
      taskQueueType: ACTIVITIES,
      reportConfig: true,
      reportStats: true,
    },
  ])
  // Temporal is given five seconds, or as long as the caller waits.
  await readActivationQueue(client, 'events', 700)
  const [usual = 0, own = 0] = waited
  expect(usual).toBeGreaterThan(700)
  expect(usual).toBeLessThanOrEqual(5_000)
  expect(own).toBeLessThanOrEqual(700)
})

test.each([
  ['a queue that nobody has limited', {}, null],
  ['one whose limit was taken back', config({ metadata: BY_ANN }), null],
  ['one that is paused, which has no number on the wire', config({ rateLimit: {} }), 0],
  ['one with the limit of 0', config({ rateLimit: { requestsPerSecond: 0 } }), 0],
])('%s', async (_which, own, perSecond) => {
  const { client } = temporal({ config: own })
  expect(await readActivationQueue(client, 'events')).toMatchObject({
    limit: { perSecond },
    backlog: 0,
    dispatchedPerSecond: 0,
  })
})

test('a limit without a record of who set it has neither a name nor a time', async () => {
  const { client } = temporal({ config: config({ rateLimit: { requestsPerSecond: 2 } }) })
  expect(await readActivationQueue(client, 'events')).toMatchObject({
    limit: { perSecond: 2, reason: '', identity: '' },
    setAt: null,
  })
})

test('the limit of any queue is read by the name of the queue itself', async () => {
  const { client, asked } = temporal({ config: config({ rateLimit: { requestsPerSecond: 2 } }) })
  expect(await readQueueLimit(client, 'own')).toEqual({ perSecond: 2, reason: '', identity: '' })
  expect(asked).toMatchObject([{ taskQueue: { name: 'own' }, taskQueueType: ACTIVITIES }])
})

test.each([
  [0, { rateLimit: { requestsPerSecond: 0 }, reason: 'why' }],
  [20, { rateLimit: { requestsPerSecond: 20 }, reason: 'why' }],
  [null, { reason: 'why' }],
])(
  'a limit of %s is set for the queue of activation, with its reason and who set it',
  async (perSecond, updateQueueRateLimit) => {
    const { client, asked } = temporal({ config: config({ rateLimit: {}, metadata: BY_ANN }) })
    const set = await writeActivationLimit(client, 'events', {
      perSecond,
      reason: 'why',
      identity: 'bob',
    })
    expect(asked[0]).toEqual({
      namespace: 'cars',
      taskQueue: 'events-activation',
      taskQueueType: ACTIVITIES,
      updateQueueRateLimit,
      identity: 'bob',
    })
    // What the server has stored counts, and not what it was asked for.
    expect(set).toMatchObject({ limit: { reason: 'a sale', identity: 'ann' } })
  },
)
