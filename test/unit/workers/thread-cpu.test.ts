// The CPU time of a thread: user and system time of the thread itself, and that of the process where Linux tells none.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { cpuMsOf } from '../../../workers/isolation/thread-cpu.ts'

const folder = mkdtempSync(join(tmpdir(), 'task-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The fields of `/proc/…/stat` from the first: each has its number as its value, but for the times. */
function task(name: string, user: number, system: number): string {
  const fields = Array.from({ length: 52 }, (_, at) => String(1_000 + at))
  const own = ['7', `(${name})`, 'R', ...fields.slice(3, 13), user, system, ...fields.slice(15)]
  const path = join(folder, String(user))
  mkdirSync(path)
  writeFileSync(join(path, 'stat'), own.join(' '))
  return path
}

test.each([
  ['node', 3, 4, 70],
  ['a (b) c) d', 250, 1, 2510],
  ['idle', 0, 0, 0],
])('a thread %s with %d and %d hundredths of a second', (name, user, system, ms) => {
  expect(cpuMsOf(task(name, user, system))).toBe(ms)
})

test.each([null, join(folder, 'ended')])('without a thread it is the process: %s', (path) => {
  const before = process.cpuUsage()
  const ms = cpuMsOf(path)
  const after = process.cpuUsage()
  expect(ms).toBeGreaterThanOrEqual((before.user + before.system) / 1000)
  expect(ms).toBeLessThanOrEqual((after.user + after.system) / 1000)
})
