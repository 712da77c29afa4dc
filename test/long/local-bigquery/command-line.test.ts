import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import {
  type LocalBigQuery,
  startLocalBigQuery,
} from '../../../deploy/local/bigquery/api/server.ts'
import { clientOf, errorOf, makeFolder } from '../../support/local-bigquery.ts'

const main = new URL('../../../deploy/local/bigquery/main.ts', import.meta.url).pathname

let place: ReturnType<typeof makeFolder>
let file: string
const children: ChildProcess[] = []
const servers: LocalBigQuery[] = []
beforeEach(() => {
  place = makeFolder()
  file = join(place.folder, 'bigquery.duckdb')
})
afterEach(async () => {
  for (const child of children.splice(0)) await ended(child, 'SIGKILL')
  for (const server of servers.splice(0)) await server.close()
  place.remove()
})

const launch = (...args: string[]): ChildProcessWithoutNullStreams => {
  const child = spawn(process.execPath, ['--import', 'tsx/esm', main, ...args], {
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  children.push(child)
  return child
}

const serve = async (project = 'local') => {
  const server = await startLocalBigQuery({ file, project })
  servers.push(server)
  return server
}

const listening = async (...args: string[]) => {
  const child = launch('--port', '0', '--file', file, ...args)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const { listening: url }: { listening: string } = JSON.parse(line)
  return { child, url }
}

const ended = async (child: ChildProcess, signal?: NodeJS.Signals) => {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exit = once(child, 'exit')
  if (signal) child.kill(signal)
  return (await exit)[0]
}

const fill = async (url: string) => {
  const [dataset] = await clientOf(url).createDataset('d')
  const fields = [
    { name: 'x', type: 'NUMERIC', mode: 'REQUIRED' },
    { name: 'ts', type: 'TIMESTAMP', defaultValueExpression: 'CURRENT_TIMESTAMP()' },
  ]
  await dataset.createTable('t', { schema: { fields }, description: 'kept' })
  await dataset.createTable('v', { view: { query: 'SELECT * FROM d.t', useLegacySql: false } })
  await dataset.table('t').insert([{ x: '1.5' }, { x: '2' }])
}

const check = async (url: string) => {
  const client = clientOf(url)
  const [rows] = await client.query(
    'SELECT CAST(x AS STRING) AS x, ts IS NOT NULL AS hasTime FROM d.v ORDER BY x',
  )
  expect(rows).toEqual([
    { x: '1.5', hasTime: true },
    { x: '2', hasTime: true },
  ])
  const table = client.dataset('d').table('t')
  expect((await table.getMetadata())[0]).toMatchObject({ description: 'kept', numRows: '2' })
  const fields = [...(await table.getMetadata())[0].schema.fields, { name: 'more', type: 'STRING' }]
  await table.setMetadata({ schema: { fields } })
  await table.insert([{ x: '3', more: 'y' }])
  expect((await client.query('SELECT more FROM d.v WHERE more IS NOT NULL'))[0]).toEqual([
    { more: 'y' },
  ])
}

test('says where it listens, and keeps everything over a restart, in an ordinary DuckDB file', async () => {
  const first = await listening()
  expect((await fetch(`${first.url}/healthz`)).status).toBe(200)
  await fill(first.url)
  expect(await ended(first.child, 'SIGTERM')).toBe(0)
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  expect((await connection.runAndReadAll('SELECT count(*) FROM d.v')).getRows()).toEqual([[2n]])
  connection.closeSync()
  instance.closeSync()
  const second = await listening()
  await check(second.url)
  expect(await ended(second.child, 'SIGINT')).toBe(0)
})

test('loses nothing it has confirmed when it is killed', async () => {
  const first = await listening()
  await fill(first.url)
  await ended(first.child, 'SIGKILL')
  const second = await serve()
  await check(second.url)
  expect(first.child.signalCode).toBe('SIGKILL')
})

test('a file held by another process is one clear line and exit code 2', async () => {
  await serve()
  const second = launch('--port', '0', '--file', file)
  let complaint = ''
  second.stderr.on('data', (text) => (complaint += text))
  expect(await ended(second)).toBe(2)
  expect(complaint).toBe(`The file ${file} is held by process ${process.pid}.\n`)
})

test('--help prints the options, an unknown one is exit code 2', async () => {
  const [help, wrong] = [launch('--help'), launch('--nope')]
  let usage = ''
  help.stdout.on('data', (text) => (usage += text))
  expect(await Promise.all([help, wrong].map((child) => ended(child)))).toEqual([0, 2])
  expect(usage).toMatch(/--file FILE/)
})

test('serves the client through BIGQUERY_EMULATOR_HOST, for the project it was given', async () => {
  const server = await serve('my-cars')
  process.env['BIGQUERY_EMULATOR_HOST'] = `${server.url}/bigquery/v2`
  const client = clientOf('http://unused', 'my-cars')
  delete process.env['BIGQUERY_EMULATOR_HOST']
  await client.createDataset('d')
  await client.query('CREATE TABLE `my-cars.d.t` AS SELECT 1 AS a')
  expect((await client.query('SELECT a FROM `my-cars`.d.t'))[0]).toEqual([{ a: 1 }])
})

test('close does not wait for a query that runs long', async () => {
  const server = await serve()
  const query =
    'SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 1000000)) AS a, UNNEST(GENERATE_ARRAY(1, 1000000)) AS b WHERE MOD(a * b, 7) = 3'
  const running = errorOf(clientOf(server.url).query(query))
  await new Promise((resolve) => setTimeout(resolve, 500))
  await servers.pop()?.close()
  expect(await running).toBeInstanceOf(Error)
})
