// The commands as production has them: without the development kit, and with npm's production packages alone.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Installation, installProduction } from '../../support/installation.ts'
import { installedInProduction } from '../../support/packages.ts'

/** Nothing listens at port 1. */
const NOWHERE = { PUBSUB_EMULATOR_HOST: '127.0.0.1:1', GOOGLE_CLOUD_PROJECT: 'local' }

let production: Installation

beforeAll(() => {
  const paths = [...installedInProduction()].filter((path) =>
    /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path),
  )
  production = installProduction(paths.map((path) => path.slice('node_modules/'.length)))
})

afterAll(() => production.remove())

test.each([
  ['bridge/main.ts', 'GOOGLE_CLOUD_PROJECT is not set'],
  ['workers/main.ts', 'SEGMENT_WRITE_KEY is not set'],
])('%s loads, and asks for its configuration', async (main, message) => {
  const { code, stderr } = await production.run([], main)
  expect(code).not.toBe(0)
  expect(stderr).toContain(message)
})

test.each([
  ['cli/main.ts', ['--help']],
  ['cli/main.ts', ['dlq', '--help']],
  ['deploy/codec-server/main.ts', ['--help']],
])('%s %j loads', async (main, args) => {
  expect(await production.run(args, main)).toMatchObject({ code: 0, stderr: '' })
})

test.each([
  ['demo', ['demo'], 'The demo needs'],
  ['send', ['send', '--count', '1'], 'Making test events needs'],
])('%s says in one line that it needs the development kit', async (_name, args, beginning) => {
  const { code, stderr } = await production.run(args, 'cli/main.ts', NOWHERE)
  expect(code).toBe(2)
  expect(stderr).toMatch(
    new RegExp(
      `^${beginning} the development kit, which is not installed here \\(Cannot find .*\\): run .*\\.\n$`,
    ),
  )
})

test('send publishes a file of events without the kit', async () => {
  const file = join(production.dir, 'events.ndjson')
  writeFileSync(file, '{"type":"purchase"}\n')
  const { stderr } = await production.run(['send', '--events', file], 'cli/main.ts', NOWHERE)
  expect(stderr).toMatch(/^Pub\/Sub does not answer at 127\.0\.0\.1:1: /m)
})

test('query asks the BigQuery that is named, and says what it needs for what a demo left', async () => {
  const named = {
    BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:1/bigquery/v2',
    GOOGLE_CLOUD_PROJECT: 'p',
  }
  const asked = await production.run(['query', 'SELECT 1'], 'cli/main.ts', named)
  expect(asked.stderr).toMatch(/^BigQuery does not answer \(http:\/\/127\.0\.0\.1:1\//)
  mkdirSync(join(production.dir, '.stack'), { recursive: true })
  writeFileSync(join(production.dir, '.stack', 'bigquery.duckdb'), '')
  const { code, stderr } = await production.run(['query', 'SELECT 1'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^Reading the tables of the last demo needs the development kit, .*\n$/)
})
