// A demo with bad events, as an operator clears it up: summary, patches, an edited file; nothing is open, and the ledger balances.

import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { isBalanced, readLedger } from '../../deploy/local/demo/ledger.ts'
import { makeMessages } from '../../deploy/local/events/messages.ts'
import { stackDir } from '../../deploy/local/paths.ts'
import { dlqOf } from '../support/dlq.ts'
import { usePipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'

const COUNT = 3000

const pipeline = usePipeline()
const file = join(stackDir, `events-${randomUUID()}.ndjson`)

beforeAll(async () => {
  const mix = { count: COUNT, partners: 5, invalid: 0.05, repeated: 0.01, seed: 7 }
  await pipeline().send([...makeMessages(mix, new Date())])
}, 300_000)
afterAll(() => rm(file, { force: true }))

const ledger = () => readLedger(pipeline(), COUNT)

const { dlq, json } = dlqOf(() => pipeline().stack.env)

/** What a partner would correct by hand: a good event in place of each bad one. */
async function correct(path: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trim().split('\n')
  const good = lines.map((line, i) => {
    const { event: _event, text: _text, base64: _base64, ...about } = JSON.parse(line)
    const event = {
      type: 'purchase',
      order_id: `corrected-${about.message_id}-${i}`,
      customer_id: 'C1',
      car_model: 'SUV',
      amount: 1.5,
      timestamp: new Date(Date.parse(about.publish_time) - 1000).toISOString(),
    }
    return JSON.stringify({ ...about, event })
  })
  await writeFile(path, `${good.join('\n')}\n`)
}

test('from a flood of bad events to nothing open, and the ledger balances before and after', async () => {
  const before = await ledger()
  expect(before.redriven).toBe(0)
  expect(isBalanced(before)).toBe(true)
  expect(before.deadLetters.open).toBe(before.rejected)
  expect(before.rejected).toBeGreaterThan(50)

  const sums: { reason: string; events: number }[] = await json('summary')
  expect(sums.map(({ reason }) => reason)).toContain('amount_not_a_number')
  const patch = '[{"op":"replace","path":"/amount","value":19999.90}]'
  const query = 'reason=amount_not_a_number'
  const patched = await json('redrive', '--query', query, '--patch', patch, '--max-failures', '1')
  expect(patched.events - patched.events_failed_again).toBeGreaterThan(0)
  const after = await ledger()
  expect(isBalanced(after)).toBe(true)
  expect(after.redriven).toBe(patched.events - patched.events_failed_again)

  for (const { id } of await json('list')) {
    await rm(file, { force: true })
    await dlq('show', id, '--export', file)
    await correct(file)
    const { code, stdout, stderr } = await dlq('redrive', '--events', file)
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringContaining('0 failed again')])
  }
  expect(await json('list', '--open')).toEqual([])
  expect(await json('summary')).toEqual([])

  const failed = `WorkflowType = 'deadLetter' AND ExecutionStatus = 'Failed'`
  const none = async () => (await pipeline().temporal.workflow.count(failed)).count === 0
  await waitFor(none, 'the failed list of Temporal to be empty')
  const last = await ledger()
  expect(last).toMatchObject({ redriven: before.rejected, unaccounted: 0 })
  expect(last.deadLetters).toMatchObject({ open: 0, workflows: 0, events: before.rejected })
  expect(isBalanced(last)).toBe(true)
}, 600_000)
