// The bridge as the process it is in production: signals, sudden death and bad configuration.

import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from '@jest/globals'
import { digest } from '#contracts'
import { stackDir } from '../../../deploy/local/paths.ts'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { batchesWith, startedBatches } from '../../support/batches.ts'
import { startBridge } from '../../support/bridge.ts'
import { useBridgeSite } from '../../support/bridge-site.ts'
import { startMain } from '../../support/main-process.ts'
import { onFreePort } from '../../support/ports.ts'
import { scrape } from '../../support/scrape.ts'
import { useStack } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { servePubSub } from './pubsub-server.ts'

const stack = useStack('temporal', 'pubsub')
const logDir = join(stackDir, 'test', randomUUID())
const { client, topic, stopLater } = useBridgeSite(stack)

afterAll(() => rm(logDir, { recursive: true, force: true }))

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningProcess> {
  const bridge = await startMain('bridge', logDir, {
    ...stack().env,
    ...topic().settings,
    TEMPORAL_TASK_QUEUE: topic().name,
    ...env,
  })
  return stopLater(bridge)
}

/** @returns where its metrics and its health are */
const startWithMetrics = (env: Readonly<Record<string, string>>) =>
  onFreePort((metrics) =>
    onFreePort(async (health) => {
      const address = `127.0.0.1:${metrics}`
      await start({ METRICS_ADDRESS: address, HEALTH_PORT: String(health), ...env })
      return { address, health }
    }),
  )

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ data: `event ${index}` }))

/** Enough messages for their partner to be noisy. */
const ofCrowd = numbered(300).map((one) => ({ ...one, attributes: { partner_id: 'crowd' } }))

const logOf = ({ logFile }: RunningProcess) => readFile(logFile, 'utf8')

/** How it ended; fails where that takes far longer than any drain. */
async function exitOf(bridge: RunningProcess, limitMs = 25_000) {
  const soon = sleep(50, undefined)
  return waitFor(() => Promise.race([bridge.exited, soon]), 'the bridge to exit', limitMs)
}

/** A little longer than the ack deadline: whatever was not acknowledged waits in the subscription then. */
const ACK_DEADLINE_OVER_MS = 11_000

test('an idle bridge ends on SIGINT with code 0, and does not wait for the pull it has open', async () => {
  let pulls = 0
  const silent = await servePubSub({
    pull: () => {
      pulls += 1
      return new Promise(() => {})
    },
  })
  try {
    const bridge = await start({ PUBSUB_EMULATOR_HOST: silent.host })
    await waitFor(() => pulls > 0, 'a pull')
    process.kill(bridge.pid, 'SIGINT')
    expect(await exitOf(bridge)).toEqual({ code: 0, signal: null })
    expect(await logOf(bridge)).toMatch(/"msg":"draining"[\s\S]*"msg":"stopped"/)
  } finally {
    silent.stop()
  }
})

test('a drain on SIGTERM finishes the starts under way and starts what lingered, and acknowledges all of it', async () => {
  const bridge = await start({ BRIDGE_BATCH_MAX_EVENTS: '7', BRIDGE_LINGER_MS: '5000' })
  const ids = await topic().publish(...numbered(600))
  await waitFor(
    async () => (await startedBatches(client(), topic().name)).length > 0,
    'the first workflows',
  )
  process.kill(bridge.pid, 'SIGTERM')
  expect(await exitOf(bridge)).toEqual({ code: 0, signal: null })
  expect(await logOf(bridge)).not.toMatch(/"level":(40|50)/)

  await sleep(ACK_DEADLINE_OVER_MS)
  const left = await topic().waiting()
  const batches = await startedBatches(client(), topic().name)
  const inBatches = batches.flatMap(({ messages }) => messages.map((one) => one.messageId))
  expect([...inBatches, ...left].toSorted()).toEqual(ids.toSorted())
})

test('the registry says the share of a noisy partner, for the batches after an edit as well', async () => {
  const file = join(logDir, 'partners.yaml')
  const setWeight = (weight: number) =>
    writeFile(file, `partners: {crowd: {fairness_weight: ${weight}}}`)
  await setWeight(2)
  const bridge = await start({ PARTNERS_FILE: file, BRIDGE_LINGER_MS: '1000' })
  const [ids] = await Promise.all([topic().publish(...ofCrowd), expectReplay()])
  expect(await weightOf(ids)).toBe(2)
  await setWeight(5)
  await waitFor(
    async () => (await logOf(bridge)).includes('the partner registry is in effect'),
    'the edit to be in effect',
  )
  expect(await weightOf(await topic().publish(...ofCrowd))).toBe(5)
})

/** Only operators publish to the retry topic: what says there that it is a replay is one, and waits behind live traffic. */
async function expectReplay() {
  const attributes = { replay_of: 'first', replay_publish_time: '2026-11-20T10:00:00.000000Z' }
  const [[id = '']] = await Promise.all([
    topic().publish({ data: 'of a stranger', attributes }),
    topic().publishRetries({ data: 'of an operator', attributes }),
  ])
  expect(await priorityOf(['first'])).toMatchObject({
    priorityKey: 4,
    fairnessKey: digest([topic().settings.PUBSUB_RETRY_SUBSCRIPTION]),
    fairnessWeight: 1,
  })
  expect((await priorityOf([id]))?.priorityKey ?? 0).toBe(0)
}

/** The priority of the batch that has these messages. */
async function priorityOf(ids: readonly string[]) {
  const batches = await batchesWith(client(), topic().name, ids)
  const own = batches.find(({ messages }) => messages.some(({ messageId }) => messageId === ids[0]))
  const { raw } = await client()
    .workflow.getHandle(own?.workflowId ?? '')
    .describe()
  return raw.workflowExecutionInfo?.priority
}

const weightOf = async (ids: readonly string[]) => (await priorityOf(ids))?.fairnessWeight

test('a bridge that is killed loses nothing: the next one starts what it had not acknowledged', async () => {
  const bridge = await start({ BRIDGE_LINGER_MS: '5000' })
  const held = await topic().publish(...numbered(3))
  await waitFor(async () => (await topic().waiting()).length === 0, 'the messages to be pulled')
  process.kill(bridge.pid, 'SIGKILL')
  expect(await exitOf(bridge)).toEqual({ code: null, signal: 'SIGKILL' })
  expect(await startedBatches(client(), topic().name)).toEqual([])

  const next = startBridge({ client: client(), topic: topic() })
  try {
    const later = await topic().publish(...numbered(2))
    // The messages that it held come after their ack deadline.
    const batches = await batchesWith(client(), topic().name, [...held, ...later], 40_000)
    expect(batches.flatMap(({ messages }) => messages).length).toBe(5)
  } finally {
    expect(await next.stopAndFindLeft()).toEqual([])
  }
})

test('it counts what it pulls and starts, for Prometheus', async () => {
  const own = { BRIDGE_BATCH_MAX_EVENTS: '2', BRIDGE_LINGER_MS: '2000' }
  const { address } = await startWithMetrics(own)
  await batchesWith(client(), topic().name, await topic().publish(...numbered(4)))
  const isCounted = async () => {
    const counted = await scrape(address, 'bridge_messages', 'bridge_batch')
    return counted['bridge_batches_started_total'] === 2 && counted
  }
  expect(await waitFor(isCounted, 'both batches to be counted')).toEqual({
    bridge_messages_received_total: 4,
    bridge_batches_started_total: 2,
    'bridge_batches_cut_total{cause="events"}': 2,
    bridge_batch_events_sum: 4,
    bridge_batch_events_count: 2,
    ...Object.fromEntries(
      ['2', '5', '10', '20', '50', '100', '200', '500', '1000', '2000', '4000', '8000', '+Inf'].map(
        (le) => [`bridge_batch_events_bucket{le="${le}"}`, 2],
      ),
    ),
  })
})

test('it tells how many messages are not acknowledged, and how old the oldest is', async () => {
  const { address, health } = await startWithMetrics({ BRIDGE_LINGER_MS: '5000' })
  await Promise.all([topic().publish(...numbered(3)), topic().publishRetries(...numbered(2))])
  const backlogOf = (name: string) => `pubsub_backlog_messages{subscription="${name}"}`
  const backlog = backlogOf(topic().name)
  const retries = backlogOf(topic().settings.PUBSUB_RETRY_SUBSCRIPTION)
  const age = 'bridge_oldest_unacknowledged_seconds'
  const counted = () => scrape(address, 'pubsub_', age, 'process_ready')
  const held = await waitFor(async () => {
    const now = await counted()
    return now[backlog] === 3 && now[retries] === 2 && (now[age] ?? 0) > 1 && now
  }, 'the backlog to be told')
  expect(held['process_ready']).toBe(1)
  expect((await fetch(`http://127.0.0.1:${health}/readyz`)).status).toBe(200)
  await waitFor(async () => {
    const now = await counted()
    return now[backlog] === undefined && now[age] === undefined
  }, 'the messages to be acknowledged')
})

test('a configuration that cannot be used ends it with code 2 and names every problem at once', async () => {
  const env = {
    BRIDGE_PULLS: '0',
    BRIDGE_LINGER_MS: 'soon',
    BRIDGE_BATCH_MAX_BYTES: '4000000',
    LOG_LEVEL: 'loud',
    METRICS_ADDRESS: 'here',
  }
  const said = await start(env).then(
    () => 'it started',
    (error: Error) => error.message,
  )
  expect(said).toContain('code 2')
  const named = [...said.matchAll(/^ *(\w+) is "(.*?)": ./gm)].map(([, name, value]) => [
    name,
    value,
  ])
  expect(Object.fromEntries(named)).toEqual(env)
})
