import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ensureDbt } from '../../../deploy/local/dbt/install.ts'
import { ensureTools, MissingToolError } from '../../../deploy/local/tools.ts'
import { createScratch } from '../../support/scratch.ts'

const scratch = createScratch()
const saved = { ...process.env }
const bin = join(scratch.dir, 'bin')

beforeEach(() => {
  mkdirSync(bin, { recursive: true })
  process.env['PATH'] = bin
  delete process.env['TEMPORAL_ADDRESS']
  delete process.env['PUBSUB_EMULATOR_HOST']
  delete process.env['BIGQUERY_EMULATOR_HOST']
})
afterEach(async () => {
  Object.assign(process.env, saved)
  await scratch.remove()
})

const program = (name: string, script: string) => {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, name), 0o755)
}

const errorOf = async (service: 'temporal' | 'pubsub' | 'bigquery'): Promise<MissingToolError> => {
  const outcome: unknown = await ensureTools({ services: [service], dir: scratch.dir }).catch(
    (error: unknown) => error,
  )
  if (outcome instanceof MissingToolError) return outcome
  throw new Error(`expected a MissingToolError, got ${String(outcome)}`)
}

test.each([
  ['no Python', () => {}, 'temporal', /^Python is missing: .*TEMPORAL_ADDRESS.*docker compose up/],
  [
    'an old Python',
    () => program('python3', 'echo Python 3.8.1'),
    'temporal',
    /^Python 3\.8\.1 is too old: /,
  ],
  [
    'a Python without pip',
    () => program('python', '[ $1 = -m ] && exit 1; echo Python 3.12.0'),
    'temporal',
    /^Python 3\.12\.0 has no pip: /,
  ],
  [
    'no Python for the analyzer',
    () => {},
    'bigquery',
    /^Python is missing: install Python 3\.9\+ with pip, or set BIGQUERY_EMULATOR_HOST .*docker compose up/,
  ],
  [
    'no Go',
    () => {},
    'pubsub',
    /^Go is missing: install Go 1\.26\+, or set PUBSUB_EMULATOR_HOST .*docker compose up/,
  ],
  [
    'an old Go',
    () => program('go', 'echo go version go1.20.4 linux/amd64'),
    'pubsub',
    /^Go 1\.20\.4 is too old: /,
  ],
  [
    'a Go that may not fetch a newer one',
    () =>
      program(
        'go',
        '[ $1 = version ] && { echo go version go1.24.1; exit; }; echo "go: go.mod requires go >= 1.26.0 (running go 1.24.1; GOTOOLCHAIN=local)"; exit 1',
      ),
    'pubsub',
    /^Go is too old \(requires go >= 1\.26\.0 .*\): install Go/,
  ],
] as const)(
  'with %s the error is one line with the ways out',
  async (_, prepare, service, line) => {
    prepare()
    const error = await errorOf(service)
    expect(error.message).toMatch(line)
    expect(error.message).not.toContain('\n')
    expect(error.exitCode).toBe(2)
  },
)

test('with a Python that is too old for dbt the error is one line with the ways out', async () => {
  program('python3', 'echo Python 3.10.4')
  await expect(ensureDbt()).rejects.toMatchObject({
    message: expect.stringMatching(
      /^Python 3\.10\.4 is too old: install Python 3\.11\+ with pip, or run a dbt of your own .*$/,
    ),
    exitCode: 2,
  })
})

test('a part whose address is given needs no tool', async () => {
  process.env['TEMPORAL_ADDRESS'] = 'somewhere:7233'
  process.env['PUBSUB_EMULATOR_HOST'] = 'somewhere:8085'
  process.env['BIGQUERY_EMULATOR_HOST'] = 'somewhere:9050'
  await expect(ensureTools({ dir: scratch.dir })).resolves.toEqual({})
})

test('a Temporal CLI on the PATH is used, with a warning when it is old', async () => {
  program('temporal', 'echo temporal version 1.6.2')
  const warnings: (string | undefined)[] = []
  const tools = await ensureTools({
    services: ['temporal'],
    dir: scratch.dir,
    onProgress: ({ state, text }) => state === 'warning' && warnings.push(text),
  })
  expect(tools).toEqual({ temporal: 'temporal' })
  expect(warnings).toEqual([expect.stringContaining('temporal 1.6.2 on the PATH may be too old')])
})

test('the analyzer is installed from packages that are pinned by their hashes', async () => {
  const seen = join(scratch.dir, 'arguments')
  const pip = `[ "$3" = install ] && { echo "$@" > '${seen}'; exit 1; }`
  program('python3', `${pip}; echo Python 3.12.0`)
  await expect(ensureTools({ services: ['bigquery'], dir: scratch.dir })).rejects.toThrow(
    /install-googlesql\.log/,
  )
  const requirements = readFileSync(seen, 'utf8').trim().split(' ').at(-1)
  const pinned = readFileSync(requirements ?? '', 'utf8').match(/^[^#].*$/gm)
  expect(pinned).toHaveLength(2)
  for (const line of pinned ?? []) expect(line).toMatch(/^\w+==[\d.]+ --hash=sha256:[0-9a-f]{64}$/)
})

test('a failing install shows the end of its output and where the rest is', async () => {
  program('python3', '[ "$3" = install ] && { echo no space left; exit 1; }; echo Python 3.12.0')
  await expect(ensureTools({ services: ['temporal'], dir: scratch.dir })).rejects.toThrow(
    /ended with an error; the log .*logs\/install-temporal\.log ends:\n {2}no space left/,
  )
})
