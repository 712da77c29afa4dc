// Each change of the limit of activation is counted by the state of the governor, once Temporal has taken it.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { governorIdentity } from '#contracts'
import { governorMetrics } from '#runtime/metrics/groups'
import { createGovernorActivities } from '../../../activities/governor/index.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { attempt } from '../../support/activities.ts'

async function set(identity: string, updateTaskQueueConfig = async () => ({})) {
  const client: Client = Object({
    options: { namespace: 'default' },
    withDeadline: (_deadline: Date, work: () => unknown) => work(),
    workflowService: { updateTaskQueueConfig, describeTaskQueue: async () => ({}) },
  })
  const { meter, take } = createThreadMeter()
  const activities = createGovernorActivities(client, 'q', governorMetrics(meter))
  const limit = { perSecond: 0, reason: 'r', identity }
  const error: unknown = await attempt(() => activities.setActivationLimit(limit), []).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return { error, counted: take() }
}

test.each([
  ['open', governorIdentity('open', null)],
  ['throttled', governorIdentity('throttled', 5)],
  ['recovering', governorIdentity('recovering', null)],
  ['restored', 'ann'],
])('a limit of the state %s is counted as that', async (state, identity) => {
  expect(await set(identity)).toEqual({
    error: null,
    counted: [{ name: 'activation_limit_changes_total', value: 1, tags: { state } }],
  })
})

test('a limit that Temporal did not take is not counted', async () => {
  const refused = await set(governorIdentity('open', null), () => Promise.reject(new Error('no')))
  expect(refused).toMatchObject({ error: { type: 'temporal_unavailable' }, counted: [] })
})
