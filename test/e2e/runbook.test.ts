// The walkthrough of the runbook, executed as it stands there: every command succeeds, prints what is shown, and nothing is open at its end.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readLedger } from '../../deploy/local/demo/ledger.ts'
import { type Pipeline, startPipeline } from '../../deploy/local/demo/pipeline.ts'
import { waitUntilQuiet } from '../../deploy/local/demo/watch.ts'
import { repoDir } from '../../deploy/local/paths.ts'
import { runCommand } from '../support/run-command.ts'
import { type Ran, readSteps, runSteps, shapeOf, withOutputs } from '../support/runbook.ts'

const START_LIMIT_MS = 300_000
const RUNBOOK = join(repoDir, 'docs', 'runbook.md')

/** The blocks that send the flood, and what they send. */
const FLOOD_STEPS = 2
const FLOOD_EVENTS = 3212

let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await startPipeline()
}, START_LIMIT_MS)
afterAll(() => pipeline.stop())

test('the walkthrough does what it shows, and ends with nothing open', async () => {
  const markdown = await readFile(RUNBOOK, 'utf8')
  const steps = readSteps(markdown, 'Walkthrough')
  const flood = await runSteps(steps.slice(0, FLOOD_STEPS))
  expect(await waitUntilQuiet(pipeline, FLOOD_EVENTS, () => {})).toBe(true)
  const ran: Ran[] = [...flood, ...(await runSteps(steps.slice(FLOOD_STEPS)))]
  const isUpdate = process.env['UPDATE_RUNBOOK'] !== undefined
  if (isUpdate) await writeFile(RUNBOOK, withOutputs(markdown, steps, ran))
  const shown = isUpdate ? ran : steps
  expect(ran.map(({ output }) => shapeOf(output))).toEqual(
    shown.map(({ output }) => shapeOf(output)),
  )
  expect(ran.map(({ code }) => code)).toEqual(steps.map(() => 0))

  const { stdout } = await runCommand(['dlq', 'list', '--open', '--json'])
  expect(JSON.parse(stdout)).toEqual([])
  expect(await readLedger(pipeline)).toMatchObject({ unaccounted: 0, redriven: 212 })
}, 300_000)
