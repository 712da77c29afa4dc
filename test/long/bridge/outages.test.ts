// Pub/Sub or Temporal goes away and comes back: the bridge goes on by itself and loses nothing.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client, Connection } from '@temporalio/client'
import { noopMetricMeter } from '@temporalio/common'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { createReadiness, servicesThatDoNotAnswer } from '#runtime/readiness'
import { connectClient, connectWorker } from '#runtime/temporal'
import { createGate } from '../../../bridge/open-workflows.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { freePort, listeningLine } from '../../../deploy/local/probes.ts'
import { type RunningProcess, startProcess, wrappedCommand } from '../../../deploy/local/process.ts'
import { namespaceAt } from '../../../deploy/local/temporal.ts'
import { ensureTools, type Tools } from '../../../deploy/local/tools.ts'
import { watchTemporal } from '../../../workers/watch-temporal.ts'
import { batchesWith, startedBatches } from '../../support/batches.ts'
import { startBridge } from '../../support/bridge.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { createTopic } from '../../support/topic.ts'
import { waitFor } from '../../support/wait-for.ts'

const dataDir = join(stackDir, 'test', randomUUID())
const logDir = join(dataDir, 'logs')
const running: { temporal?: RunningProcess; pubsub?: RunningProcess } = {}
const ports = { temporal: 0, pubsub: 0 }
let tools: Tools
let client: Client

/** Unlike the stack's, these come back on the port they had. */
async function startTemporal(): Promise<void> {
  const address = `127.0.0.1:${ports.temporal}`
  const flags = [
    '--headless',
    '--ip=127.0.0.1',
    `--port=${ports.temporal}`,
    `--db-filename=${join(dataDir, 'temporal.db')}`,
    '--log-level=error',
  ]
  running.temporal = await startProcess({
    name: 'temporal',
    command: wrappedCommand(tools.temporal ?? 'temporal', 'server', 'start-dev', ...flags),
    logDir,
    ready: () => namespaceAt(address),
    readyWithinMs: 60_000,
  })
}

async function startPubSub(): Promise<void> {
  const command = [
    tools.pubsub ?? 'pubsub',
    '--port',
    `${ports.pubsub}`,
    '--exit-with-stdin',
  ] as const
  running.pubsub = await startProcess({
    name: 'pubsub',
    command: [...command],
    logDir,
    ready: listeningLine,
  })
}

beforeAll(async () => {
  tools = await ensureTools({ services: ['temporal', 'pubsub'] })
  ports.temporal = await freePort()
  ports.pubsub = await freePort()
  await Promise.all([startTemporal(), startPubSub()])
  process.env['TEMPORAL_ADDRESS'] = `127.0.0.1:${ports.temporal}`
  client = await connectClient()
  await setUpSearchAttributes(client)
}, 300_000)

afterAll(async () => {
  await client.connection.close()
  await Promise.all([running.temporal?.stop(), running.pubsub?.stop()])
  await rm(dataDir, { recursive: true, force: true })
})

test('a Pub/Sub server that restarts is pulled from again, once its subscription is there', async () => {
  const topic = createTopic(`127.0.0.1:${ports.pubsub}`)
  await topic.create()
  const bridge = startBridge({ client, topic })
  try {
    await topic.publish({ data: 'before' })
    await waitFor(() => bridge.acknowledged.length === 1, 'the first message')

    await running.pubsub?.stop()
    const unavailable = () => bridge.readiness.unavailable()
    expect(unavailable()).toEqual([])
    const failures = () => bridge.lines.filter(({ msg }) => msg.startsWith('cannot pull')).length
    await waitFor(() => failures() >= 1, 'the bridge to notice')
    await waitFor(() => unavailable().length > 0, 'the bridge to be unready')
    expect(unavailable()).toEqual(['Pub/Sub'])
    await startPubSub()
    await waitFor(
      () =>
        topic.create().then(
          () => true,
          () => false,
        ),
      'the topic',
      30_000,
    )
    // The fake counts its ids anew: this message has the id of the one before.
    await topic.publish({ data: 'after' })

    await waitFor(() => bridge.acknowledged.length === 2, 'the message of the new server', 30_000)
    const batches = await waitFor(async () => {
      const all = await startedBatches(client, topic.name)
      return all.length === 2 && all
    }, 'a workflow for each')
    expect(batches.map(({ messages }) => messages.map(({ data }) => String(data)))).toEqual([
      ['before'],
      ['after'],
    ])
    expect(bridge.starts).toEqual(['started', 'started'])
    expect(unavailable()).toEqual([])
  } finally {
    expect(await bridge.stopAndFindLeft()).toEqual([])
    await topic.close()
  }
})

/** What tells a worker whether Temporal answers. */
async function watchAsWorker() {
  const { connection } = await connectWorker()
  const readiness = createReadiness(300)
  const stop = watchTemporal(connection, readiness)
  const close = async () => {
    stop()
    await connection.close()
  }
  return { readiness, close }
}

test('a Temporal that restarts gets what came meanwhile, and no message is acknowledged before', async () => {
  const topic = createTopic(`127.0.0.1:${ports.pubsub}`)
  await topic.create()
  const bridge = startBridge({ client, topic })
  const worker = await watchAsWorker()
  try {
    const [before = ''] = await topic.publish({ data: 'before' })
    await waitFor(() => bridge.acknowledged.length === 1, 'the first message')

    await running.temporal?.stop()
    const [meanwhile = ''] = await topic.publish({ data: 'meanwhile' })
    await waitFor(
      () => bridge.lines.some(({ msg }) => msg === 'cannot count workflows'),
      'the bridge to notice',
      30_000,
    )
    await waitFor(() => bridge.pulled.some(({ messageId }) => messageId === meanwhile), 'the pull')
    await waitFor(() => bridge.readiness.unavailable().length > 0, 'the bridge to be unready')
    expect(bridge.readiness.unavailable()).toEqual(['Temporal'])
    await waitFor(() => worker.readiness.unavailable().length > 0, 'the worker to be unready')
    expect(servicesThatDoNotAnswer(worker.readiness)).toEqual(['Temporal does not answer'])
    expect(bridge.acknowledged.length).toBe(1)
    await startTemporal()

    await batchesWith(client, topic.name, [before, meanwhile], 60_000)
    await waitFor(() => bridge.acknowledged.length >= 2, 'the acknowledgement', 60_000)
    await waitFor(() => bridge.readiness.unavailable().length === 0, 'the bridge to be ready')
    await waitFor(
      () => worker.readiness.unavailable().length === 0,
      'the worker to be ready',
      30_000,
    )
    expect((await startedBatches(client, topic.name)).length).toBe(2)
  } finally {
    await worker.close()
    expect(await bridge.stopAndFindLeft()).toEqual([])
    await topic.close()
  }
}, 120_000)

test('a Temporal that accepts connections and never answers does not keep the bridge from draining', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` })
  const { log, lines } = recordingLog()
  const metrics = bridgeMetrics(noopMetricMeter)
  const readiness = createReadiness(0)
  const gate = createGate(
    { client: new Client({ connection }), log, metrics, readiness },
    { cap: 10, taskQueue: 'q' },
  )
  const controller = new AbortController()
  const watching = gate.watch(controller.signal)
  try {
    const cannot = () => lines.some(({ msg }) => msg === 'cannot count workflows')
    await waitFor(cannot, 'the count to be given up', 12_000)
    expect(servicesThatDoNotAnswer(readiness)).toEqual(['Temporal does not answer'])
    controller.abort()
    await watching
    expect(sockets.length).toBeGreaterThan(0)
  } finally {
    controller.abort()
    await connection.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})
