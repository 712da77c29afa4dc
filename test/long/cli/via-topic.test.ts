// `dlq redrive --via-topic` on the real parts: corrected events go round by the retry topic, and their dead letter is closed.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { TASK_QUEUE, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { setUp } from '#operations/setup/setup'
import { cliConfig, readConfig } from '#runtime/config'
import { connectClient } from '#runtime/temporal'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { startMain } from '../../support/main-process.ts'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { runWarmCommand } from '../../support/warm-command/run.ts'
import { startWorker } from '../../support/worker.ts'

const stack = useStackWithTables('temporal', 'pubsub', 'bigquery', 'segment')
const FIX = '[{"op":"replace","path":"/amount","value":45000.00}]'
let client: Client
let processes: RunningProcess[] = []

const environment = () => ({ ...stack().env, GOOGLE_CLOUD_PROJECT: 'local' })

beforeAll(async () => {
  Object.assign(process.env, environment())
  client = await connectClient()
  await setUp(readConfig(cliConfig, environment()))
  processes = [
    await startWorker(stack().env, stack().logDir, TASK_QUEUE),
    await startMain('bridge', stack().logDir, environment()),
  ]
}, 120_000)
afterAll(async () => {
  await Promise.all(processes.map((one) => one.stop()))
  await client.connection.close()
})

const rows = (query: string) => rowsOf(bigqueryAt(stack().bigquery.url), query)

test('a corrected event comes back as a new message that says where it came from, and is staged', async () => {
  const order = `via-${randomUUID()}`
  const bad = message(
    { ...purchase, order_id: order, amount: 'x' },
    { attributes: { partner_id: 'follower' } },
  )
  await client.workflow.execute(WORKFLOW.processBatch, {
    workflowId: `batch-${randomUUID()}`,
    taskQueue: TASK_QUEUE,
    args: [encodeBatch([bad])],
  })
  const opened = () =>
    rows(`SELECT dead_letter_id AS id FROM streaming.open_dead_letter WHERE order_id = '${order}'`)
  const [letter] = await waitFor(
    async () => ((await opened()).length > 0 ? opened() : undefined),
    'the dead letter',
  )
  const id = String(letter?.['id'])

  const args = ['dlq', 'redrive', id, '--via-topic', '--patch', FIX, '--reason', 'they follow it']
  const { code, stderr } = await runWarmCommand(args, environment())
  expect([code, stderr]).toEqual([0, ''])

  const staged = () =>
    rows(
      `SELECT message_id, partner_id FROM streaming.staging_purchase WHERE order_id = '${order}'`,
    )
  const [row] = await waitFor(
    async () => ((await staged()).length > 0 ? staged() : undefined),
    'the staged row',
  )
  expect(row?.['partner_id']).toBe('follower')
  expect(row?.['message_id']).not.toBe(bad.messageId)
  expect(await opened()).toEqual([])
  expect(
    await rows(
      `SELECT action, outcome, events, failed FROM streaming.dead_letter_log WHERE dead_letter_id = '${id}'`,
    ),
  ).toEqual([{ action: 'republish', outcome: 'closed', events: 1, failed: 0 }])
  const [audited] = await rows(
    `SELECT JSON_VALUE(attributes, '$.redrive_of') AS redrive_of, JSON_VALUE(attributes, '$.original_message_id') AS original FROM streaming.audit_log WHERE order_id = '${order}' AND decision = 'accepted'`,
  )
  expect(audited).toEqual({ redrive_of: id, original: bad.messageId })
  const report = ['dlq', 'report', '--partner', 'follower', '--json']
  const { stdout } = await runWarmCommand(report, environment())
  expect(JSON.parse(stdout)).toMatchObject({ rejected: 1, corrected: 1, waiting: 0 })
}, 120_000)
