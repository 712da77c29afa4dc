// The span of days in which receipts are looked for: from the oldest message to the end of the last day.

import { expect, test } from '@jest/globals'
import { readAudited, readReceipts } from '../../../activities/sweep/read-audited.ts'

const run = (workflowId: string, ...oldest: string[]) => ({
  workflowId,
  runId: `${workflowId}#1`,
  isOpen: false,
  receipt: { digest: null, days: oldest.map((day) => ({ oldest: day, messages: 1 })) },
})

const RUNS = [
  run('b', '2026-11-19T23:59:59.999Z', '2026-11-20T00:00:00.000Z'),
  run('c', '2026-11-18T07:00:00.000Z'),
]

/** Notes the parameters of the statements, and answers with these rows. */
function reader(rows: readonly object[]) {
  const asked: unknown[] = []
  const read = Object(async ({ params }: { params: unknown }) => {
    asked.push(params)
    return rows
  })
  return { read, asked }
}

const SPAN = {
  ids: ['b', 'c'],
  oldest: new Date('2026-11-18T07:00:00.000Z'),
  newest: new Date('2026-11-21T00:00:00.000Z'),
}

test('receipts are looked for on all days of their messages', async () => {
  const { read, asked } = reader([{ id: 'c' }])
  expect([...(await readReceipts(read, RUNS))]).toEqual(['c'])
  expect(asked).toEqual([SPAN])
})

test('so are the messages in the audit log, and the answer is by batch', async () => {
  const audited = { messages: 2, digest: 'd', isWhole: false }
  const { read, asked } = reader([{ id: 'b', ...audited }])
  expect([...(await readAudited(read, RUNS))]).toEqual([['b', audited]])
  expect(asked).toEqual([SPAN])
})

test('BigQuery is not asked about no batch', async () => {
  const { read, asked } = reader([])
  expect([await readReceipts(read, []), await readAudited(read, [])]).toEqual([
    new Set(),
    new Map(),
  ])
  expect(asked).toEqual([])
})
