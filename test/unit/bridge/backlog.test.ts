// The backlog is read from Cloud Monitoring's REST API, and a failure of it disturbs nothing.

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, jest, test } from '@jest/globals'
import { GoogleAuth } from 'google-auth-library'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { createReadBacklog } from '../../../bridge/monitoring.ts'
import { watchBacklog } from '../../../bridge/watch-backlog.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { waitFor } from '../../support/wait-for.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
  jest.restoreAllMocks()
})

async function serve(answer: RequestListener) {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => void server.close())
  const { port }: AddressInfo = Object(server.address())
  return { GOOGLE_CLOUD_PROJECT: 'p', MONITORING_EMULATOR_HOST: `127.0.0.1:${port}` }
}

const pointsOf = (...values: number[]) =>
  values.map((value) => ({ value: { int64Value: String(value) } }))

const seriesOf = (subscription_id: string, ...values: number[]) => ({
  resource: { labels: { subscription_id } },
  points: pointsOf(...values),
})

const WATCHED = ['live', 'retry']

/** What is answered to each request in turn; the last answer is repeated. */
async function watch(...answers: readonly { readonly status: number; readonly body: unknown }[]) {
  const asked: URL[] = []
  const address = await serve((request, response) => {
    const { status, body } =
      answers[Math.min(asked.length, answers.length - 1)] ?? answers[0] ?? NONE
    asked.push(new URL(request.url ?? '', 'http://localhost'))
    response.writeHead(status).end(JSON.stringify(body))
  })
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  const controller = new AbortController()
  const options = {
    read: createReadBacklog(address, WATCHED),
    subscriptions: WATCHED,
    everyMs: 5,
    metrics: bridgeMetrics(meter),
    log,
  }
  const running = watchBacklog(options, controller.signal)
  const stop = async () => {
    controller.abort()
    await running
    return take().map(({ name, value, tags }) => [name, tags['subscription'], value])
  }
  return { asked, lines, stop }
}

const NONE = { status: 200, body: {} }
const BOTH = { status: 200, body: { timeSeries: [seriesOf('live', 12, 99), seriesOf('retry', 0)] } }
const REFUSED = { status: 403, body: { error: { status: 'PERMISSION_DENIED' } } }

test('the newest value of each subscription is told, and of no other', async () => {
  const strange = { status: 200, body: { timeSeries: [seriesOf('live', 7), seriesOf('other', 5)] } }
  const { asked, stop } = await watch(BOTH, strange, NONE)
  await waitFor(() => asked.length >= 2, 'both metrics to be read')
  const told = await stop()
  expect(told.slice(0, 3)).toEqual([
    ['pubsub_backlog_messages', 'live', 12],
    ['pubsub_backlog_messages', 'retry', 0],
    ['pubsub_oldest_unacknowledged_seconds', 'live', 7],
  ])
  expect(told.map(([, subscription]) => subscription)).not.toContain('other')
  const [first] = asked
  expect(first?.pathname).toBe('/v3/projects/p/timeSeries')
  expect(first?.searchParams.get('filter')).toBe(
    'metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id = one_of("live", "retry")',
  )
  const [from, to] = ['interval.startTime', 'interval.endTime'].map((name) =>
    Date.parse(first?.searchParams.get(name) ?? ''),
  )
  expect((to ?? 0) - (from ?? 0)).toBe(10 * 60_000)
  expect(Math.abs(Date.now() - (to ?? 0))).toBeLessThan(60_000)
})

test('a value that is not known any more is not a number, and one that never was does not exist', async () => {
  const { asked, stop } = await watch(BOTH, NONE, NONE)
  await waitFor(() => asked.length >= 4, 'a second round')
  const told = await stop()
  expect(told.slice(0, 4)).toEqual([
    ['pubsub_backlog_messages', 'live', 12],
    ['pubsub_backlog_messages', 'retry', 0],
    ['pubsub_backlog_messages', 'live', Number.NaN],
    ['pubsub_backlog_messages', 'retry', Number.NaN],
  ])
  expect(told.map(([name]) => name)).not.toContain('pubsub_oldest_unacknowledged_seconds')
})

test.each([
  ['a refusal', REFUSED],
  ['an answer of another form', { status: 200, body: { timeSeries: 'none' } }],
])('%s is logged once, and reading continues', async (_, bad) => {
  const { asked, lines, stop } = await watch(bad, bad, bad, BOTH, BOTH, REFUSED)
  await waitFor(() => asked.length >= 7, 'the reads')
  const told = await stop()
  expect(told.slice(0, 2)).toEqual([
    ['pubsub_backlog_messages', 'live', 12],
    ['pubsub_backlog_messages', 'retry', 0],
  ])
  expect(lines.map(({ msg }) => msg)).toEqual(
    Array(2).fill(expect.stringContaining('roles/monitoring.viewer')),
  )
})

test('without a stand-in Google is asked, as one who may read monitoring, for ten seconds', async () => {
  const asked: { readonly url: URL; readonly timeout: unknown }[] = []
  const scopes: unknown[] = []
  jest.spyOn(GoogleAuth.prototype, 'request').mockImplementation(async function (
    this: GoogleAuth,
    options,
  ) {
    const { url = '', timeout } = options
    asked.push({ url: new URL(url), timeout })
    scopes.push(Reflect.get(this, 'scopes'))
    return Object({ data: BOTH.body })
  })
  const read = createReadBacklog({ GOOGLE_CLOUD_PROJECT: 'p' }, WATCHED)
  expect(await read('oldest_unacked_message_age')).toEqual(
    new Map([
      ['live', 12],
      ['retry', 0],
    ]),
  )
  expect(asked.map(({ url }) => url.origin + url.pathname)).toEqual([
    'https://monitoring.googleapis.com/v3/projects/p/timeSeries',
  ])
  expect(asked[0]?.url.searchParams.get('filter')).toContain('/oldest_unacked_message_age"')
  expect(asked[0]?.timeout).toBe(10_000)
  expect(scopes).toEqual([['https://www.googleapis.com/auth/monitoring.read']])
})

test('a subscription that has had no value lately is missing', async () => {
  const address = await serve((_request, response) =>
    response.end(JSON.stringify({ timeSeries: [seriesOf('live'), seriesOf('retry', 3)] })),
  )
  const read = createReadBacklog(address, WATCHED)
  expect(await read('num_undelivered_messages')).toEqual(new Map([['retry', 3]]))
})
