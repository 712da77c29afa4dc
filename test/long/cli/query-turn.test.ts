// `npm run query` while others use the tables: real processes, each waits for its turn and then answers.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import {
  type LocalBigQuery,
  startLocalBigQuery,
} from '../../../deploy/local/bigquery/api/server.ts'
import { freePort } from '../../../deploy/local/probes.ts'
import { writeNote } from '../../../deploy/local/running-stack.ts'
import { type Installation, installAll } from '../../support/installation.ts'
import type { Running } from '../../support/run-command.ts'
import { waitFor } from '../../support/wait-for.ts'

const ANSWER = { code: 0, stdout: 'answer\n42\n' }
const WAITING = 'Waiting for at most 30 s.\n'

// A busy machine takes its time to start a process.
jest.setTimeout(150_000)

let installation: Installation
const servers: LocalBigQuery[] = []

beforeEach(async () => {
  installation = installAll()
  // What a demo leaves: a file that nobody has open.
  await (await startLocalBigQuery({ file: tables() })).close()
})

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  await installation.remove()
})

test('two at once both answer', async () => {
  const queries = Array.from({ length: 2 }, () => startQuery().finished)
  expect(await Promise.all(queries)).toEqual(queries.map(() => expect.objectContaining(ANSWER)))
})

test('it says which process has the tables open, once, and answers when they are free', async () => {
  const close = await open()
  const queries = [startQuery(), startQuery()]
  const waiting = `The file ${tables()} is held by process ${process.pid}. ${WAITING}`
  for (const query of queries) await told(query, (text) => text === waiting)
  await close()
  for (const query of queries) expect(await query.finished).toMatchObject(ANSWER)
})

test('it waits for a demo that is starting, although its tables are gone, and asks it then', async () => {
  rmSync(tables())
  await writeNote(note('starting.json'), { pid: process.pid })
  const query = startQuery()
  await told(query, (text) => text === `A demo is starting in process ${process.pid}. ${WAITING}`)
  const { url } = await serve()
  await writeNote(note('running.json'), running(url))
  rmSync(note('starting.json'))
  expect(await query.finished).toMatchObject(ANSWER)
})

test('it waits for a demo that is stopping, and asks what it left then', async () => {
  const close = await open()
  await writeNote(note('running.json'), running(`http://127.0.0.1:${await freePort()}`))
  const query = startQuery()
  await told(query, (text) => text.includes(`process ${process.pid} does not answer: `))
  rmSync(note('running.json'))
  await told(query, (text) => text.includes(`is held by process ${process.pid}. `))
  await close()
  const lines = Array.from({ length: 2 }, () =>
    expect.stringContaining('Waiting for at most 30 s.'),
  )
  const { stderr, ...rest } = await query.finished
  expect([rest, stderr.trimEnd().split('\n')]).toEqual([ANSWER, lines])
})

test('a statement that writes is sent once: it fails where the demo is stopping', async () => {
  await writeNote(note('running.json'), running(`http://127.0.0.1:${await freePort()}`))
  const query = installation.run(['query', 'DELETE FROM streaming.purchase WHERE TRUE'])
  const stderr = expect.stringMatching(/^BigQuery does not answer \(http:/)
  expect(await query).toMatchObject({ code: 1, stderr })
})

test('a demo that was killed while it started keeps nobody waiting', async () => {
  // Process ids end far below this one.
  await writeNote(note('starting.json'), { pid: 2 ** 30 })
  expect(await startQuery().finished).toEqual({ ...ANSWER, stderr: '' })
})

const tables = () => join(installation.dir, '.stack', 'bigquery.duckdb')

const note = (name: string) => join(installation.dir, '.stack', name)

const startQuery = () => installation.start(['query', 'SELECT 42 AS answer', '--csv'])

const told = (query: Running, says: (stderr: string) => boolean) =>
  waitFor(() => says(query.stderr()), 'what the query says while it waits', 60_000)

async function serve(): Promise<LocalBigQuery> {
  const server = await startLocalBigQuery({ file: tables() })
  servers.push(server)
  return server
}

/** Keeps the tables open. @returns how to let go of them */
async function open(): Promise<() => Promise<void>> {
  await serve()
  return async () => servers.pop()?.close()
}

function running(url: string) {
  const env = { GOOGLE_CLOUD_PROJECT: 'local', BIGQUERY_EMULATOR_HOST: `${url}/bigquery/v2` }
  return { pid: process.pid, dataDir: installation.dir, logDir: installation.dir, env }
}
