// The report a partner is sent, from what the pipeline's own activities wrote: counts, what the contract expects, masked samples.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { Command } from 'commander'
import { deadLetterId, digest, type Message, reasonsOf } from '#contracts'
import type { Report } from '#operations/partner-report/read'
import { setUpTables } from '#operations/setup/tables'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { buildDeadLetters } from '../../../activities/build-dead-letters.ts'
import { createBatchReader, readEach } from '../../../activities/read-batch.ts'
import { createRecordDeadLetter } from '../../../activities/record-dead-letter.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { createWriteAuditLog } from '../../../activities/write-audit-log.ts'
import { registerReport } from '../../../cli/dead-letters/report.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics } from '../../support/activities.ts'
import { bigqueryAt } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { worded } from '../../support/worded.ts'

const stack = useStackWithTables('bigquery')
const bigquery = () => bigqueryAt(stack().bigquery.url)

const batchId = 'batch-1'

beforeAll(async () => {
  await setUpTables(bigquery(), 'EU')
  await write([
    message(),
    message(),
    message({ ...purchase, amount: '45,000', email: 'max@example.com' }, { messageId: 'wrong-1' }),
    message(
      { ...purchase, order_id: 'A|2', amount: 'x', note: 'call +49 170 1234567', reason: 1 },
      { messageId: 'wrong-2', publishTime: '2026-11-21T10:00:00.000000Z' },
    ),
    message('name;Max Mustermann', { messageId: 'no-json' }),
    message({ ...purchase, amount: -1 }, { messageId: 'ours', attributes: ours }),
    message({ ...purchase, amount: -1, partner_id: 'dealer-9' }),
  ])
})

const ours = { partner_id: 'dealer-7', redrive_of: 'dead-letter/1' }

/** As `processBatch` would: everything audited, what is rejected in dead letters. */
async function write(messages: readonly Message[]): Promise<void> {
  const reader = createBatchReader()
  const batch = batchOf(...messages)
  const rejected = readEach(messages).flatMap(({ index, parsed }) =>
    parsed.accepted
      ? []
      : [{ index, partnerId: parsed.identity.partnerId, reasons: reasonsOf(parsed) }],
  )
  const warehouse = createInsertAllWarehouse(bigquery())
  await attempt(createWriteAuditLog(reader, warehouse, metrics), [batch, batchId, rejected])
  const letters = buildDeadLetters(readEach(messages), rejected, { batchId, stage: 'validation' })
  const record = createRecordDeadLetter(warehouse, metrics)
  for (const letter of letters) {
    const id = deadLetterId({ ...letter, digest: digest([letter.partnerId]).slice(0, 8) })
    await attempt(record, [id, letter])
  }
}

async function stage(valid: Message): Promise<void> {
  const warehouse = createInsertAllWarehouse(bigquery())
  const stageEvents = createStageEvents(createBatchReader(), warehouse, metrics)
  await attempt(stageEvents, [batchOf(valid), batchId, []])
}

/** As on the command line, into a file. */
async function reported(...args: string[]): Promise<string> {
  const file = join(stack().logDir, 'report')
  const program = new Command().exitOverride()
  registerReport(program)
  await program.parseAsync(['report', ...args, '--out', file], { from: 'user' })
  return readFile(file, 'utf8')
}

async function jsonOf(...args: string[]): Promise<Report> {
  return JSON.parse(await reported(...args, '--json'))
}

test('counts each reason, of the messages this partner sent himself', async () => {
  const { received, rejected, reasons } = await jsonOf('--partner', 'dealer-7')
  expect({ received, rejected }).toEqual({ received: 5, rejected: 3 })
  expect(reasons.map(({ reason, events }) => [reason, events])).toEqual([
    ['amount_not_a_number', 2],
    ['not_json', 1],
  ])
  expect(reasons[0]).toMatchObject({
    share: 2 / 3,
    firstSeen: expect.stringContaining('2026-11-20T10:00:00'),
    lastSeen: expect.stringContaining('2026-11-21T10:00:00'),
    contractExpects: expect.stringContaining('a JSON number above zero'),
    sample: { messageId: 'wrong-2', orderId: 'A|2', path: 'amount' },
  })
})

test('is Markdown that can be sent: what, how many, what the contract expects, how to fix it, nothing personal', async () => {
  const text = await reported('--partner', 'dealer-7')
  expect(text).toContain('# Rejected events: dealer-7')
  expect(text).toContain('**3** of 5 events received (60.0 %) broke the contract')
  expect(text).toMatch(
    /\| `amount_not_a_number` \| 2 \| 2 \| 66\.7 % \| 2026-11-20 10:00 \| 2026-11-21 10:00 \| a JSON/,
  )
  expect(text).toContain('"amount": "x"')
  expect(text).toContain('order `A¦2`')
  expect(text).toContain('(19 characters that are not a JSON object)')
  expect(text).toContain('## How to fix')
  for (const personal of ['max@example.com', '1234567', 'Mustermann', purchase.customer_id])
    expect(text).not.toContain(personal)
})

test('is CSV with a line for each reason', async () => {
  const [head, ...rest] = (await reported('--partner', 'dealer-7', '--csv')).split('\n')
  expect(head).toMatch(/^partner_id,reason,events,still_open,share_of_rejected,/)
  expect(rest.filter((line) => line.startsWith('dealer-7,'))).toHaveLength(2)
})

test('keeps to its period', async () => {
  const { received, rejected } = await jsonOf('--partner', 'dealer-7', '--since', '2026-11-21')
  expect({ received, rejected }).toEqual({ received: 1, rejected: 1 })
  const before = await jsonOf('--partner', 'dealer-7', '--until', '2026-11-21')
  expect(before).toMatchObject({ received: 4, rejected: 2 })
})

test('an event the partner has sent again, corrected, is corrected', async () => {
  const from = { attributes: { partner_id: 'dealer-8' } }
  const event = { ...purchase, event_id: 'again' }
  const wrong = message({ ...event, amount: 'x' }, from)
  const right = message(event, { ...from, publishTime: '2026-11-20T11:00:00.000000Z' })
  await write([wrong, message('not json', from)])
  const asked = ['--partner', 'dealer-8', '--since', '2026-11-20']
  expect(await jsonOf(...asked)).toMatchObject({ rejected: 2, corrected: 0, waiting: 2 })
  await write([right])
  await stage(right)
  const { reasons, ...sums } = await jsonOf(...asked)
  expect(sums).toMatchObject({ received: 3, rejected: 2, corrected: 1, waiting: 1 })
  expect(reasons.map(({ reason, open }) => [reason, open])).toEqual([
    ['amount_not_a_number', 0],
    ['not_json', 1],
  ])
  expect(await reported(...asked)).toContain(
    'Corrected since: **1**. Still to be corrected: **1**. Closed uncorrected: **0**.',
  )
  const open = await jsonOf(...asked, '--open')
  expect(open).toMatchObject({ rejected: 1, corrected: 0, waiting: 1 })
  expect(open.reasons.map(({ reason, events }) => [reason, events])).toEqual([['not_json', 1]])
})

test('an event that came correct first and wrong later waits to be corrected', async () => {
  const from = { attributes: { partner_id: 'dealer-10' } }
  const event = { ...purchase, event_id: 'worse' }
  const right = message(event, from)
  const later = { ...from, publishTime: '2026-11-20T11:00:00.000000Z' }
  await write([right, message({ ...event, amount: 'x' }, later)])
  await stage(right)
  const sums = await jsonOf('--partner', 'dealer-10')
  expect(sums).toMatchObject({ rejected: 1, corrected: 0, waiting: 1 })
})

test('with --open leaves out what was closed', async () => {
  expect((await jsonOf('--partner', 'dealer-9', '--open')).rejected).toBe(1)
  await bigquery()
    .dataset('streaming')
    .table('dead_letter_log')
    .insert({
      dead_letter_id: deadLetterId({
        batchId,
        partnerId: 'dealer-9',
        stage: 'validation',
        digest: digest(['dealer-9']).slice(0, 8),
        part: 0,
      }),
      action: 'discard',
      attempt: 1,
      outcome: 'closed',
      actor: 'anna',
      reason: 'a test',
      events: 1,
      failed: 0,
      run_id: 'r',
      occurred_at: new Date().toISOString(),
    })
  expect((await jsonOf('--partner', 'dealer-9', '--open')).rejected).toBe(0)
  expect(await reported('--partner', 'dealer-9', '--open')).toContain(
    'Nothing waits to be corrected.',
  )
  expect((await jsonOf('--partner', 'dealer-9')).rejected).toBe(1)
})

test('refuses a period that ends before it begins, and a file that cannot be written', async () => {
  const backwards = ['--partner', 'a', '--since', '2026-11-21', '--until', '2026-11-20']
  await expect(worded(() => reported(...backwards))).rejects.toThrow(
    '--since 2026-11-21T00:00:00.000Z is not before --until 2026-11-20T00:00:00.000Z',
  )
  const program = new Command().exitOverride()
  registerReport(program)
  const args = ['report', '--partner', 'dealer-7', '--out', join(stack().logDir, 'none', 'x')]
  await expect(program.parseAsync(args, { from: 'user' })).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringMatching(/^The report cannot be written/),
  })
})
