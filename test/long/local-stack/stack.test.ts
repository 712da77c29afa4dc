import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from '@jest/globals'
import { Connection } from '@temporalio/client'
import { setUpTables } from '#operations/setup/tables'
import { acceptsConnections } from '../../../deploy/local/probes.ts'
import { readRunningStack } from '../../../deploy/local/running-stack.ts'
import { startStack } from '../../../deploy/local/stack.ts'
import { bigqueryAt } from '../../support/parts.ts'
import { createScratch, descendantsOf, eventually, isAlive } from '../../support/scratch.ts'

const scratch = createScratch()
afterAll(() => scratch.remove())

test('a stack answers everywhere, is found by others, and leaves nothing behind when it stops', async () => {
  const dataDir = join(scratch.dir, 'whole')
  const stack = await startStack({ dataDir })
  const children = await descendantsOf(process.pid)

  const { temporal, pubsub, bigquery, segment, codec } = stack
  expect(stack.env).toEqual({
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: 'default',
    PUBSUB_EMULATOR_HOST: pubsub.host,
    MONITORING_EMULATOR_HOST: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    BIGQUERY_EMULATOR_HOST: bigquery.url,
    ACTIVATION_LOOKUP_SECONDS: '0',
    SEGMENT_HOST: segment.url,
    SEGMENT_PUBLIC_API_HOST: segment.url,
    SEGMENT_PUBLIC_API_TOKEN: 'local',
    PAYLOAD_KEYS: expect.stringMatching(/^\d{4}-\d{2}:[A-Za-z0-9+/]{43}=$/),
  })
  expect((await fetch(temporal.uiUrl ?? '')).status).toBe(200)
  expect((await fetch(`${segment.url}/healthz`)).status).toBe(200)
  expect((await fetch(`${codec.url}/healthz`)).status).toBe(200)
  expect((await fetch(`${bigquery.url}/projects/local/datasets`)).status).toBe(200)
  expect(await acceptsConnections(pubsub.host)).toBe(true)

  await stack.stop()
  await stack.stop()
  expect(await Promise.all(children.map(isAlive))).not.toContain(true)
  expect(await acceptsConnections(temporal.address)).toBe(false)
  expect(readdirSync(dataDir)).toEqual(
    expect.arrayContaining(['payload-keys', 'segment.ndjson', 'temporal.db']),
  )
})

test('what a stack writes can be read by its user alone, while it runs and from before', async () => {
  // A second try of the test must not find the folder that the first one has made private.
  const dataDir = join(scratch.dir, `private-${randomUUID()}`)
  mkdirSync(join(dataDir, 'logs'), { recursive: true })
  const older = ['segment.ndjson', 'logs/segment.log', 'temporal.db-wal.old']
  for (const name of older) writeFileSync(join(dataDir, name), '')
  chmodSync(dataDir, 0o755)
  const stack = await startStack({ dataDir, services: ['temporal', 'bigquery', 'segment'] })
  try {
    await setUpTables(bigqueryAt(stack.bigquery.url), 'EU')
    const names = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    expect(names).toEqual(
      expect.arrayContaining([...older, 'bigquery.duckdb', 'bigquery.duckdb.wal', 'temporal.db']),
    )
    const open = ['.', ...names].filter((name) => statSync(join(dataDir, name)).mode & 0o077)
    expect(open).toEqual([])
  } finally {
    await stack.stop()
  }
})

test('two stacks run side by side, and Temporal keeps its state over a restart', async () => {
  const options = { services: ['temporal'], dataDir: join(scratch.dir, 'state') } as const
  const [one, other] = await Promise.all([
    startStack(options),
    startStack({ ...options, dataDir: join(scratch.dir, 'other') }),
  ])
  expect(one.temporal.address).not.toBe(other.temporal.address)
  const connection = await Connection.connect({ address: one.temporal.address })
  await connection.workflowService.updateNamespace({
    namespace: 'default',
    updateInfo: { description: 'kept' },
  })
  await connection.close()
  await Promise.all([one.stop(), other.stop()])

  const again = await startStack(options)
  const next = await Connection.connect({ address: again.temporal.address })
  const { namespaceInfo } = await next.workflowService.describeNamespace({ namespace: 'default' })
  expect(namespaceInfo?.description).toBe('kept')
  await next.close()
  await again.stop()
})

test('an announced stack is found until it stops', async () => {
  const dataDir = join(scratch.dir, 'announced')
  const stack = await startStack({ services: ['segment'], dataDir, announce: true })
  // A demo that runs meanwhile keeps the note to itself.
  expect(await readRunningStack()).toBeDefined()
  await stack.stop()
  expect((await readRunningStack())?.dataDir).not.toBe(dataDir)
})

test('no part outlives a parent that is killed', async () => {
  const holder = join(import.meta.dirname, '../../support/hold-stack.ts')
  const parent = spawn(process.execPath, ['--import=tsx', holder, join(scratch.dir, 'killed')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')])
  const children = await descendantsOf(parent.pid ?? 0)
  expect(children.length).toBeGreaterThanOrEqual(4)

  parent.kill('SIGKILL')
  await eventually(async () => !(await Promise.all(children.map(isAlive))).includes(true), 9_000)
})

test('a part whose address is given is used where it is', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  process.env['PUBSUB_EMULATOR_HOST'] = host
  try {
    const stack = await startStack({ services: ['pubsub'], dataDir: join(scratch.dir, 'given') })
    expect(stack.pubsub.host).toBe(host)
    await stack.stop()
    expect(server.listening).toBe(true)
    server.close()
    await sleep(10)
    await expect(
      startStack({ services: ['pubsub', 'segment'], dataDir: join(scratch.dir, 'refused') }),
    ).rejects.toThrow(`nothing answers at PUBSUB_EMULATOR_HOST=${host}`)
  } finally {
    delete process.env['PUBSUB_EMULATOR_HOST']
    server.close()
  }
  expect(await descendantsOf(process.pid)).toEqual([])
})
