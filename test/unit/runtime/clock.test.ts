// Durations and deadlines do not change when the wall clock is stepped, and nothing else in the code looks at it.

import { readFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { Client, credentials } from '@grpc/grpc-js'
import { afterEach, expect, jest, test } from '@jest/globals'
import { deadlineIn, monotonicMs, wallClock, wallClockMs } from '#runtime/clock'
import { sourceFiles } from '../../support/source-files.ts'

const QUARTER_HOUR_MS = 15 * 60_000
/** The wall clock counts whole milliseconds. */
const ROUNDING_MS = 2

afterEach(() => {
  jest.restoreAllMocks()
})

function stepWallClock(milliseconds: number): void {
  const real = Date.now.bind(Date)
  jest.spyOn(Date, 'now').mockImplementation(() => real() + milliseconds)
}

test('a duration stays what it was when the wall clock is stepped back', () => {
  const before = { monotonic: monotonicMs(), wall: wallClockMs() }
  stepWallClock(-QUARTER_HOUR_MS)
  expect(monotonicMs()).toBeGreaterThanOrEqual(before.monotonic)
  expect(wallClockMs()).toBeLessThan(before.wall)
})

test.each([-QUARTER_HOUR_MS, QUARTER_HOUR_MS])(
  'a deadline is as far away as it was when the wall clock is stepped by %s ms',
  (milliseconds) => {
    const began = monotonicMs()
    const deadline = deadlineIn(20_000)
    stepWallClock(milliseconds)
    const left = [deadline.getTime() - Date.now(), Number(deadline) - Date.now()]
    const least = 20_000 - (monotonicMs() - began) - ROUNDING_MS
    for (const ms of left) {
      expect(ms).toBeLessThanOrEqual(20_000 + ROUNDING_MS)
      expect(ms).toBeGreaterThanOrEqual(least)
    }
  },
)

test('gRPC takes such a deadline', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  const address: unknown = await new Promise((resolve) =>
    silent.once('listening', () => resolve(silent.address())),
  )
  const port = typeof address === 'object' && address && 'port' in address ? address.port : 0
  const client = new Client(`127.0.0.1:${String(port)}`, credentials.createInsecure())
  const began = monotonicMs()
  await expect(promisify(client.waitForReady.bind(client))(deadlineIn(300))).rejects.toThrow(
    'deadline',
  )
  expect(monotonicMs() - began).toBeGreaterThan(250)
  client.close()
  for (const socket of sockets) socket.destroy()
  silent.close()
})

test('the wall clock is now', () => {
  const before = Date.now()
  const now = wallClock().getTime()
  expect(now).toBeGreaterThanOrEqual(before)
  expect(now).toBeLessThanOrEqual(Date.now())
})

/** Lint forbids Date.now(); it has no rule for this. In workflows, Temporal replaces the clock. */
test('nothing but the clock itself makes a date of now', async () => {
  const sources = sourceFiles().filter((file) => !/^(test|workflows)\//.test(file))
  expect(sources.length).toBeGreaterThan(200)
  const found: string[] = []
  for (const file of sources) {
    if (file === 'runtime/clock.ts') continue
    if (/new Date\(\s*\)|\bDate\(\)/.test(await readFile(file, 'utf8'))) found.push(file)
  }
  expect(found).toEqual([])
})
