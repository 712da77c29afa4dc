// The partner registry of a worker: its main thread reads it and says so, and threads have the last good text of it.

import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { processMetrics } from '#runtime/metrics/groups'
import { followPartners as followInBridge } from '../../../bridge/partners.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { followPartners, publishPartners } from '../../../workers/partners.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { waitFor } from '../../support/wait-for.ts'

const folder = join(stackDir, 'test', randomUUID())
const file = join(folder, 'partners.yaml')
beforeAll(async () => void (await mkdir(folder, { recursive: true })))
afterEach(() => {
  jest.restoreAllMocks()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The watches that begin from now on look at their file when the answer is called. */
function lookedByHand() {
  const { setInterval: realInterval } = globalThis
  const looks: (() => void)[] = []
  const everyMs: unknown[] = []
  jest.spyOn(globalThis, 'setInterval').mockImplementation((work, ms) => {
    looks.push(() => work())
    everyMs.push(ms)
    return realInterval(() => {}, 3_600_000)
  })
  return {
    everyMs,
    look: () => {
      for (const look of looks) look()
    },
  }
}

const country = (code: string) => `partners: { d: { default_country: ${code} } }`

test('an edit is logged and counted once, and is in effect in threads that start later as well', async () => {
  await writeFile(file, country('DE'))
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  const { look, everyMs } = lookedByHand()
  const main = await publishPartners(file, processMetrics(meter), log)
  const thread = followPartners(file)
  const countries = () => [main, thread].map((partners) => partners.of('d').country)
  expect(countries()).toEqual(['DE', 'DE'])
  await writeFile(file, country('IT'))
  await waitFor(() => (look(), countries().every((code) => code === 'IT')), 'the edit')

  await writeFile(file, country('Italy'))
  await waitFor(() => (look(), lines.length === 2), 'the refusal')
  const later = followPartners(file)
  expect([...countries(), later.of('d').country]).toEqual(['IT', 'IT', 'IT'])
  expect(lines.map(({ level }) => level)).toEqual([30, 50])
  const name = 'partner_registry_reads_total'
  expect(take()).toEqual([
    { name, value: 1, tags: { outcome: 'loaded' } },
    { name, value: 1, tags: { outcome: 'refused' } },
  ])
  // A person who edits the file sees the effect within seconds.
  expect(everyMs).toEqual([2_000, 2_000, 2_000])
  for (const partners of [main, thread, later]) partners.close()
})

test('the bridge logs and counts an edit, and starts with no registry that cannot be used', async () => {
  await writeFile(file, country('DE'))
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  const { look } = lookedByHand()
  const partners = await followInBridge(file, processMetrics(meter), log)
  expect(partners.of('d').country).toBe('DE')
  await writeFile(file, country('IT'))
  await waitFor(() => (look(), partners.of('d').country === 'IT'), 'the edit')
  expect(lines).toMatchObject([{ msg: 'the partner registry is in effect', partners: 1 }])
  expect(take()).toMatchObject([{ value: 1, tags: { outcome: 'loaded' } }])
  partners.close()

  await writeFile(file, country('Italy'))
  for (const start of [followInBridge, publishPartners])
    await expect(start(file, processMetrics(meter), log)).rejects.toThrow('cannot be used')
})
