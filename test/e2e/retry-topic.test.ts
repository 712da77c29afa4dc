// Events that go round by the retry topic while a demo is up: its ledger counts them, waits for them, and balances.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { publish } from '#operations/send/publish'
import { isBalanced, readLedger } from '../../deploy/local/demo/ledger.ts'
import { type Pipeline, startPipeline } from '../../deploy/local/demo/pipeline.ts'
import { waitUntilQuiet } from '../../deploy/local/demo/watch.ts'
import { purchase } from '../fixtures/messages.ts'
import { runCommand } from '../support/run-command.ts'

let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await startPipeline()
}, 300_000)
afterAll(() => pipeline.stop())

const event = (order_id: string, more: object = {}) => ({
  attributes: { partner_id: 'follower' },
  data: Buffer.from(
    JSON.stringify({ ...purchase, order_id, timestamp: new Date().toISOString(), ...more }),
  ),
})

test('published, received and rejected by both topics', async () => {
  const good = Array.from({ length: 8 }, (_, i) => event(`good-${i}`))
  const bad = [event('bad-1', { amount: 'x' }), event('bad-2', { amount: 'x', currency: 'EURO' })]
  const { config } = pipeline
  await publish(config, [...good, ...bad], { topic: config.PUBSUB_TOPIC })
  await waitUntilQuiet(pipeline, 10, () => {})

  const patch = '[{"op":"replace","path":"/amount","value":45000.00}]'
  const args = ['dlq', 'redrive', '--all', '--via-topic', '--patch', patch]
  const { code, stderr, stdout } = await runCommand(args)
  expect([code, stderr, stdout]).toEqual([
    0,
    '',
    '2 events of 1 dead letter republished: closed, and kept in the tables.\n',
  ])
  await waitUntilQuiet(pipeline, 10, () => {})
  const ledger = await readLedger(pipeline)
  expect(ledger).toMatchObject({
    published: 12,
    received: 12,
    accepted: 9,
    rejected: 3,
    staged: { purchase: 9, cancellation: 0 },
    deadLetters: { open: 1 },
  })
  expect(isBalanced(ledger)).toBe(true)
}, 120_000)
