// The state of activation, and when what waits will have been sent.

import { expect, test } from '@jest/globals'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { governorIdentity } from '#contracts'
import { activationStatus, switchedOff } from '#operations/activation/status'
import { parseRegistry } from '#runtime/partners/parse'
import { EMPTY_REGISTRY } from '#runtime/partners/settings'
import type { Reader } from '#warehouse/read'

type World = {
  readonly perSecond?: number
  readonly identity?: string
  readonly governor?: string
  readonly events?: number
  readonly backlog?: number
  readonly recentCalls?: number
  readonly batches?: number
  readonly later?: number
}

const OLDEST = '2026-11-20T10:00:00.000000Z'

function statusWith(world: World) {
  const { perSecond, identity = '', events = 0, backlog = 0, recentCalls = 0 } = world
  const rateLimit = perSecond === undefined ? null : { requestsPerSecond: perSecond }
  const client: Client = Object({
    options: { namespace: 'cars' },
    withDeadline: (_deadline: Date, work: () => unknown) => work(),
    workflowService: {
      describeTaskQueue: async () => ({
        config: { queueRateLimit: { rateLimit, metadata: { updateIdentity: identity } } },
        stats: { approximateBacklogCount: backlog },
      }),
    },
    workflow: {
      count: async (query: string) => {
        if (query.includes('StartTime')) return { count: 0 }
        return { count: (query.includes('activateLater') ? world.later : world.batches) ?? 0 }
      },
      list: async function* list() {},
      getHandle: () => ({
        describe: async () => {
          if (world.governor === 'none') throw new WorkflowNotFoundError('none', 'id', undefined)
          return { status: { name: world.governor } }
        },
      }),
    },
  })
  const read: Reader = Object(async ({ sql }: { sql: string }) => {
    if (sql.includes('AVG(calls)')) return [{ calls: 10 }]
    if (sql.includes('FROM staged'))
      return events ? [{ partner_id: 'p', events, oldest: OLDEST }] : []
    return [{ last_at: OLDEST, calls: recentCalls }]
  })
  return activationStatus({ client, taskQueue: 'queue', read, registry: EMPTY_REGISTRY, days: 7 })
}

test.each([
  [{}, 'running'],
  [{ perSecond: 3 }, 'limited'],
  [{ perSecond: 0 }, 'paused'],
  [{ perSecond: 0, identity: governorIdentity('open', null) }, 'open'],
  [{ perSecond: 1, identity: governorIdentity('recovering', 5) }, 'recovering'],
])('with the limit %j it is %s', async (world, state) => {
  expect((await statusWith(world)).state).toBe(state)
})

test.each([
  ['RUNNING', true],
  ['TERMINATED', false],
  ['none', false],
])('a limit of a governor that is %s is governed: %s', async (governor, isGoverned) => {
  const identity = governorIdentity('open', null)
  const status = await statusWith({ perSecond: 0, identity, governor })
  expect(status).toMatchObject({ isGoverned, limit: { by: 'governActivation' } })
})

/** By seconds from now; null where it is not known. */
async function secondsLeft(world: World): Promise<number | null> {
  const asked = Date.now()
  const { drainedAt } = await statusWith(world)
  return drainedAt === null ? null : Math.round((Date.parse(drainedAt) - asked) / 10_000) * 10
}

test.each([
  // Ten calls an activity: 2 activities a second are 20 calls.
  [{ perSecond: 2, events: 4_000 }, 200],
  // Without a limit, the calls of the last ten minutes are the rate.
  [{ recentCalls: 600, events: 300 }, 300],
  [{ recentCalls: 600, events: 0 }, null],
  [{ recentCalls: 0, events: 300 }, null],
  [{ perSecond: 0, events: 300, recentCalls: 600 }, null],
  // All of it waits for another event or a period.
  [{ recentCalls: 600, events: 300, later: 1 }, null],
  [{ recentCalls: 600, events: 300, later: 1, batches: 1 }, 300],
  [{ recentCalls: 600, events: 300, later: 1, backlog: 1 }, 300],
])('%j: sent in %d seconds', async (world, seconds) => {
  expect(await secondsLeft(world)).toBe(seconds)
})

test('a person who set a limit is named, and the limit is told in activities and in calls', async () => {
  const status = await statusWith({ perSecond: 2, identity: 'ann', events: 40, backlog: 20 })
  expect(status).toMatchObject({
    days: 7,
    isGoverned: true,
    limit: { activitiesPerSecond: 2, callsPerSecond: 4, by: 'ann' },
    waiting: { events: 40, oldest: OLDEST, activities: 20, batches: 0, laterBatches: 0 },
    segment: { accepted: { lastAt: OLDEST, recentCalls: 0 }, failures: [] },
  })
  const unlimited = await statusWith({ batches: 3, later: 4 })
  expect(unlimited.limit).toMatchObject({ activitiesPerSecond: null, callsPerSecond: null, by: '' })
  expect(unlimited.waiting).toMatchObject({ batches: 3, laterBatches: 4 })
})

const offIn = (text: string) => {
  const parsed = parseRegistry(text)
  if (!parsed.ok) throw new Error(parsed.problems.join('; '))
  return switchedOff(parsed.registry)
}

test('who is switched off is told for Segment, and for Google Ads where Segment is on', () => {
  const partners = `partners:
  all-on:
  no-segment: { activation: { enabled: false } }
  neither: { activation: { enabled: false, google_ads: false } }
  no-google: { activation: { google_ads: false } }
  jane@example.com: { activation: { enabled: false } }
`
  const off = offIn(partners)
  expect(off.defaults).toEqual({ activation: false, googleAds: false })
  expect(off.activation.slice(0, 2)).toEqual(['no-segment', 'neither'])
  expect(off.activation).toHaveLength(3)
  expect(off.activation.join()).not.toContain('jane')
  expect(off.googleAds).toEqual(['no-google'])
  expect(offIn('defaults: { activation: { enabled: false } }\n').defaults).toEqual({
    activation: true,
    googleAds: false,
  })
  expect(offIn('defaults: { activation: { google_ads: false } }\n').defaults).toEqual({
    activation: false,
    googleAds: true,
  })
})
