// What a process that fails says on stderr, and the exit code it ends with.

import { afterEach, expect, jest, test } from '@jest/globals'
import { ConfigError, UsageError } from '#runtime/errors'
import { runMain } from '#runtime/main'

const before = process.exitCode
afterEach(() => {
  process.exitCode = before
  jest.restoreAllMocks()
})

async function run(main: () => Promise<void>) {
  process.exitCode = undefined
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
  await runMain(main)
  return { code: process.exitCode, text: write.mock.calls.map(([chunk]) => chunk).join('') }
}

const failing = (thrown: unknown) => async () => {
  throw thrown
}

test.each([
  [new Error('broken'), 1],
  [new UsageError('broken'), 2],
  [new ConfigError('broken'), 2],
  [Object.assign(new Error('broken'), { exitCode: 130 }), 130],
  [Object.assign(new Error('broken'), { exitCode: 'none' }), 1],
  ['broken', 1],
])('%s ends it with %d', async (thrown, code) => {
  expect(await run(failing(thrown))).toEqual({ code, text: 'broken\n' })
})

test('a process that ends well says nothing', async () => {
  expect(await run(async () => {})).toEqual({ code: undefined, text: '' })
})

test('causes are told, without personal data, secrets and characters that control a terminal', async () => {
  const cause = new Error('http://me:secret@host said \u001b[2J of jane.doe@example.com')
  const { text } = await run(failing(new Error('no answer', { cause })))
  expect(text).toMatch(/^no answer\n {2}because: http:\/\/host said /)
  for (const absent of ['secret', 'jane', '\u001b']) expect(text).not.toContain(absent)
})
