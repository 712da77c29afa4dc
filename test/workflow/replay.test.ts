// Histories recorded from the real pipeline still replay: a change of the workflows breaks no batch that is under way.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import proto from '@temporalio/proto'
import { Worker } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { installQuietRuntime, useBundle, workflowBundle } from '../support/workflows.ts'

const FOLDER = fileURLToPath(new URL('histories', import.meta.url))
const CHANGED = fileURLToPath(new URL('changed/index.ts', import.meta.url))

const changed = useBundle({ workflowsPath: CHANGED })

beforeAll(() => {
  installQuietRuntime()
})

const files = readdirSync(FOLDER)
const textOf = (file: string) => readFileSync(`${FOLDER}/${file}`, 'utf8')
const historyOf = (file: string) =>
  proto.temporal.api.history.v1.History.fromObject(JSON.parse(textOf(file)))

/** The activities that ran beside their workflow: their names stand inside markers. */
const localSteps = (file: string) =>
  historyOf(file).events.map((event) => {
    const data = event.markerRecordedEventAttributes?.details?.['data']?.payloads?.[0]?.data
    return Buffer.from(data ?? []).toString()
  })
const isPublishing = (marker: string) => marker.includes('"publishOrderChanges"')
const isOpening = (marker: string) => marker.includes('"openDeadLetters"')

test('there is a history of a good batch, of one with dead letters and retries, of two with change events, of a dead letter, of events that wait, and of a sweep', () => {
  expect(files.toSorted()).toEqual([
    'activate-later.json',
    'batch-with-dead-letters.json',
    'change-events-later.json',
    'change-events.json',
    'dead-letter.json',
    'good-batch.json',
    'redrive-failed-again.json',
    'redrive.json',
    'sweep.json',
  ])
  const retried = textOf('batch-with-dead-letters.json')
  expect(retried).toContain('warehouse_unavailable')
  expect(retried).toContain('segment_unavailable')
  expect(localSteps('batch-with-dead-letters.json').filter(isOpening)).toHaveLength(2)
  expect(textOf('dead-letter.json')).toContain('1 event rejected from dealer-9')
  expect(textOf('redrive-failed-again.json')).toContain(
    'The one event of dealer-9 failed again in redrive 1 by ann: rejected for',
  )
  expect(textOf('redrive.json')).toContain('warehouse_unavailable')
  expect(localSteps('change-events.json').filter(isPublishing)).toHaveLength(1)
  expect(textOf('change-events-later.json')).toContain('pubsub_unavailable')
  const later = historyOf('activate-later.json').events
  const looks = later.filter((event) => event.activityTaskScheduledEventAttributes)
  expect(looks).toHaveLength(2)
  expect(later.filter((event) => event.timerStartedEventAttributes)).toHaveLength(1)
  expect(localSteps('activate-later.json').filter(isOpening)).toHaveLength(1)
})

describe.each(files)('%s', (file) => {
  test('replays with the workflows as they are', async () => {
    await expect(
      Worker.runReplayHistory({ workflowBundle: workflowBundle() }, historyOf(file)),
    ).resolves.toBeUndefined()
  })

  test('does not replay with workflows that lack a step', async () => {
    await expect(
      Worker.runReplayHistory({ workflowBundle: changed() }, historyOf(file)),
    ).rejects.toThrow(DeterminismViolationError)
  })

  test('names no machine', () => {
    const text = textOf(file)
    expect(text).not.toMatch(/\d@\w/)
    expect(text).not.toMatch(/file:\/\/|node_modules|\.ts:\d+/)
    const identities = new Set(Array.from(text.matchAll(/"identity": "(.*)"/g), ([, who]) => who))
    expect(identities).toEqual(new Set(['worker']))
  })
})
