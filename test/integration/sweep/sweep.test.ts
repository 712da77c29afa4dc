// The sweep on real parts: what ended before its time waits for a person, once, and what disagrees is told.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { WorkflowFailedError } from '@temporalio/client'
import { type DeadLetter, type Message, type SweepResult, WORKFLOW } from '#contracts'
import { failure } from '#runtime/service-error'
import { connectClient } from '#runtime/temporal'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createOpenDeadLetters } from '../../../activities/open-dead-letters.ts'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createRecordDeadLetter } from '../../../activities/record-dead-letter.ts'
import { findEnded } from '../../../activities/sweep/ended-runs.ts'
import { createWriteAuditLog } from '../../../activities/write-audit-log.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics } from '../../support/activities.ts'
import { clearFaults, failInserts } from '../../support/parts.ts'
import { pair } from '../../support/payload-keys.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { letterOf, useSweep } from '../../support/sweep.ts'
import { waitFor } from '../../support/wait-for.ts'

const stack = useStackWithTables('temporal', 'bigquery')
const { activities, bigquery, client, listed, nowhere, rows, startWorker, taskQueue } =
  useSweep(stack)
const url = () => stack().bigquery.url

const NEVER = { until: null, postponed: [] }
const soon = () => new Date(Date.now() + 60_000).toISOString()

/** A batch that somebody ends before it has done anything, once Temporal lists it so: a sweep finds it from then on. */
async function endedBatch(messages: readonly Message[], end: 'terminate' | 'time out') {
  const workflowId = `batch-${randomUUID()}`
  const handle = await client().workflow.start(WORKFLOW.processBatch, {
    workflowId,
    taskQueue: nowhere,
    args: [batchOf(...messages)],
    ...(end === 'time out' && { workflowRunTimeout: '1 second' }),
  })
  if (end === 'terminate') await handle.terminate('by a test')
  await handle.result().catch((error: unknown) => {
    if (!(error instanceof WorkflowFailedError)) throw error
  })
  await listed(workflowId)
  return workflowId
}

const lettersOf = async (batchId: string) => {
  const query = `BatchId = '${batchId}' AND WorkflowType = 'deadLetter' AND ExecutionStatus = 'Failed'`
  const found: { id: string; message: string; reasons: unknown }[] = []
  for await (const run of client().workflow.list({ query })) {
    const error: unknown = await client()
      .workflow.getHandle(run.workflowId)
      .result()
      .catch((thrown: unknown) => thrown)
    found.push({
      id: run.workflowId,
      message: error instanceof WorkflowFailedError ? (error.cause?.message ?? '') : 'completed',
      reasons: run.searchAttributes['Reason'],
    })
  }
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

const openedLetters = (batchId: string, count: number) =>
  waitFor(async () => {
    const letters = await lettersOf(batchId)
    return letters.length >= count && letters
  }, `${count} dead letters of ${batchId}`)

const tableOf = (batchId: string) =>
  rows(
    `SELECT partner_id, stage, reasons, message_id FROM streaming.open_dead_letter
     WHERE batch_id = @batchId ORDER BY message_id`,
    { batchId },
  )

const runSweep = (settledAfterSeconds = 0): Promise<SweepResult> =>
  client().workflow.execute(WORKFLOW.sweep, {
    workflowId: `sweep-${randomUUID()}`,
    taskQueue,
    args: [settledAfterSeconds],
  })

test('all events of a batch that was terminated wait in dead letters, one for each partner, once', async () => {
  const good = message(purchase, { messageId: 't0' })
  const bad = message({ ...purchase, amount: 'x' }, { messageId: 't1' })
  const other = message(purchase, { messageId: 't2', attributes: { partner_id: 'dealer-8' } })
  const batchId = await endedBatch([good, bad, other], 'terminate')

  const first = await waitFor(async () => {
    const result = await runSweep()
    return result.opened.letters > 0 && result
  }, 'the sweep to find the batch')
  expect(first).toMatchObject({ opened: { letters: 2, events: 3 }, failed: [], isMoreLeft: false })
  const letters = await openedLetters(batchId, 2)
  expect(letters).toEqual([
    {
      id: expect.stringMatching(/\/dealer-7-[0-9a-f]{8}\/validation\/ended$/),
      message: '2 events not finished from dealer-7: batch_terminated (1), amount_not_a_number (1)',
      reasons: expect.arrayContaining(['batch_terminated', 'amount_not_a_number']),
    },
    {
      id: expect.stringMatching(/\/dealer-8-[0-9a-f]{8}\/validation\/ended$/),
      message: '1 event not finished from dealer-8: batch_terminated (1)',
      reasons: ['batch_terminated'],
    },
  ])
  expect(await tableOf(batchId)).toEqual([
    {
      partner_id: 'dealer-7',
      stage: 'validation',
      reasons: ['batch_terminated'],
      message_id: 't0',
    },
    {
      partner_id: 'dealer-7',
      stage: 'validation',
      reasons: ['amount_not_a_number'],
      message_id: 't1',
    },
    {
      partner_id: 'dealer-8',
      stage: 'validation',
      reasons: ['batch_terminated'],
      message_id: 't2',
    },
  ])
  expect((await runSweep()).opened).toEqual({ letters: 0, events: 0 })
  expect(await lettersOf(batchId)).toHaveLength(2)
}, 60_000)

test('events that waited for activation when their run was terminated are dead letters of activation, and audited no second time', async () => {
  const waited = [
    message(cancellation, { messageId: 'w0' }),
    message(cancellation, { messageId: 'w1' }),
  ]
  const workflowId = `batch-${randomUUID()}/later-0a1b2c3d`
  const handle = await client().workflow.start(WORKFLOW.activateLater, {
    workflowId,
    taskQueue: nowhere,
    args: [batchOf(...waited)],
  })
  await handle.terminate('by a test')
  await listed(workflowId)
  const { openEndedBatches } = activities()
  await waitFor(
    async () => (await attempt(openEndedBatches, [NEVER, soon()])).letters > 0,
    'the run to be found',
  )
  expect(await openedLetters(workflowId, 1)).toEqual([
    {
      id: expect.stringMatching(/\/dealer-7-[0-9a-f]{8}\/activation\/ended$/),
      message: '2 events not finished from dealer-7: batch_terminated (2)',
      reasons: ['batch_terminated'],
    },
  ])
  const ended = { partner_id: 'dealer-7', stage: 'activation', reasons: ['batch_terminated'] }
  expect(await tableOf(workflowId)).toEqual([
    { ...ended, message_id: 'w0' },
    { ...ended, message_id: 'w1' },
  ])
  const audited = await rows(
    `SELECT COUNT(*) AS n FROM streaming.audit_log WHERE message_id IN ('w0', 'w1')`,
  )
  expect(audited).toEqual([{ n: 0 }])
})

test('however many partners an ended batch has, its dead letters are a handful, and each event has its own partner', async () => {
  const messages = Array.from({ length: 60 }, (_, i) =>
    message(purchase, { messageId: `s${i}`, attributes: { partner_id: `p${i}` } }),
  )
  const batchId = await endedBatch(messages, 'terminate')
  const { openEndedBatches } = activities()
  await waitFor(
    async () => (await attempt(openEndedBatches, [NEVER, soon()])).letters > 0,
    'the batch to be found',
  )
  const letters = await openedLetters(batchId, 21)
  expect(letters).toHaveLength(21)
  expect(letters.filter(({ id }) => id.includes('/several-'))).toEqual([
    expect.objectContaining({ id: expect.stringMatching(/\/validation\/ended$/) }),
  ])
  const recorded = await waitFor(async () => {
    const table = await tableOf(batchId)
    return table.length === 60 && table
  }, 'its events to be recorded')
  const partners = recorded.map((row): [unknown, unknown] => [row['message_id'], row['partner_id']])
  expect(new Map(partners)).toEqual(new Map(messages.map((_, i) => [`s${i}`, `p${i}`])))
}, 60_000)

test('a shared dead letter that was terminated before it was recorded is recorded once, each event with its own partner', async () => {
  const one = letterOf(['u1', 'u2', 'u3'], { partnerId: '(several)' })
  const events = one.events.map((event, i) => ({ ...event, partnerId: `p${i}` }))
  const workflowId = `dead-letter/${randomUUID()}`
  const run = { workflowId, taskQueue: nowhere, args: [{ ...one, events }] }
  const handle = await client().workflow.start(WORKFLOW.deadLetter, run)
  await handle.terminate('by a test')
  await listed(workflowId)
  const { recordEndedLetters } = activities()
  await waitFor(
    async () => (await attempt(recordEndedLetters, [NEVER, soon()])).letters > 0,
    'the dead letter to be found',
  )
  expect((await attempt(recordEndedLetters, [NEVER, soon()])).letters).toBe(0)
  const recorded = (await tableOf(one.batchId)).map((row) => String(row['partner_id']))
  expect(recorded.toSorted()).toEqual(['p0', 'p1', 'p2'])
}, 60_000)

test('where a worker cannot finish with an ended batch, it reads what validation accepted and no more', async () => {
  const accepted = message(purchase, { messageId: 'u0' })
  const other = message({ ...purchase, partner_id: 'dealer-9' }, { messageId: 'u1' })
  const batchId = await endedBatch([accepted, other], 'terminate')
  const warehouse = createInsertAllWarehouse(bigquery())
  await attempt(createWriteAuditLog(createBatchReader(), warehouse, metrics), [
    batchOf(accepted),
    batchId,
    [],
  ])
  const { openEndedBatches } = activities()
  await waitFor(async () => {
    const { letters } = await attempt(openEndedBatches, [NEVER, soon(), true])
    return letters > 0
  }, 'the sweep to find the batch')
  await openedLetters(batchId, 1)
  // The event names another partner than its message, and nobody has looked.
  const ended = { partner_id: 'dealer-7', stage: 'validation', reasons: ['batch_terminated'] }
  expect(await tableOf(batchId)).toEqual([
    { ...ended, message_id: 'u0' },
    { ...ended, message_id: 'u1' },
  ])
  const audited = await rows(
    'SELECT message_id, decision, reasons, type FROM streaming.audit_log WHERE batch_id = @batchId ORDER BY message_id',
    { batchId },
  )
  expect(audited).toEqual([
    { message_id: 'u0', decision: 'accepted', reasons: [], type: 'purchase' },
    { message_id: 'u1', decision: 'rejected', reasons: ['batch_terminated'], type: null },
  ])
}, 60_000)

test('what ran out of time has a reason of its own', async () => {
  const batchId = await endedBatch([message()], 'time out')
  const { openEndedBatches } = activities()
  await waitFor(
    async () => (await attempt(openEndedBatches, [NEVER, soon()])).letters > 0,
    'the batch to be found',
  )
  const [letter] = await openedLetters(batchId, 1)
  expect(letter?.reasons).toEqual(['batch_timed_out'])
})

test('more runs than one step takes are taken in spans, each run once', async () => {
  const from = new Date().toISOString()
  const ids: string[] = []
  for (let i = 0; i < 6; i += 1) {
    ids.push(await endedBatch([message()], 'terminate'))
    await sleep(700)
  }
  const of = { types: [WORKFLOW.processBatch], endings: ['Terminated'] } as const
  const until = new Date().toISOString()
  const whole = { from, until }
  await waitFor(
    async () => (await findEnded(client(), of, whole)).runs.length === 6,
    'all batches to be listed',
  )
  const spans: string[][] = []
  for (let start = from; start < until; ) {
    const ended = await findEnded(client(), of, { from: start, until }, 2)
    spans.push(ended.runs.map(({ workflowId }) => workflowId))
    expect(ended.isMoreLeft).toBe(ended.until < until)
    start = ended.until
  }
  expect(spans.flat().toSorted()).toEqual(ids.toSorted())
  expect(Math.max(...spans.map(({ length }) => length))).toBeLessThanOrEqual(2)
})

test.each([
  // The audit log may refuse nothing: a batch fails by it.
  ['batch_failed', { table: 'streaming.audit_log', status: 400, reason: 'invalid' }, false],
  ['batch_canceled', { status: 503 }, true],
] as const)('so has what ended by itself: %s', async (reason, fault, isCancelled) => {
  await failInserts(url(), { ...fault, times: 1_000 })
  const workflowId = `batch-${randomUUID()}`
  const args = [batchOf(message())]
  const handle = await client().workflow.start(WORKFLOW.processBatch, {
    workflowId,
    taskQueue,
    args,
  })
  if (isCancelled) await handle.cancel()
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError)
  await listed(workflowId)
  await clearFaults(url())
  const { openEndedBatches } = activities()
  await waitFor(
    async () => (await attempt(openEndedBatches, [NEVER, soon()])).letters > 0,
    'the batch to be found',
  )
  const [letter] = await openedLetters(workflowId, 1)
  expect(letter?.reasons).toEqual([reason])
})

test('so has a batch of which only the change events could not be published, for that reason, and its events are activated', async () => {
  const queue = randomUUID()
  const fail = async () => {
    throw failure('warehouse_request', 'a defect')
  }
  const changeEvents = {
    lookUp: fail,
    publish: fail,
    breaker: <T>(call: () => Promise<T>) => call(),
  }
  const stop = await startWorker({ queue, changeEvents })
  const workflowId = `batch-${randomUUID()}`
  const options = { workflowId, taskQueue: queue, args: [batchOf(message())] }
  const running = client().workflow.execute(WORKFLOW.processBatch, options)
  await expect(running).rejects.toMatchObject({ cause: { type: 'change_events_unpublished' } })
  await stop()
  await listed(workflowId)
  const { openEndedBatches } = activities()
  await waitFor(
    async () => (await attempt(openEndedBatches, [NEVER, soon()])).letters > 0,
    'the batch to be found',
  )
  const [letter] = await openedLetters(workflowId, 1)
  expect(letter?.reasons).toEqual(['change_events_unpublished'])
  const activated =
    'SELECT DISTINCT outcome FROM streaming.activation_log WHERE batch_id = @batchId ORDER BY outcome'
  expect(await rows(activated, { batchId: workflowId })).toContainEqual({ outcome: 'accepted' })
})

test('while the audit log takes nothing, the events wait in dead letters all the same; the next sweep keeps the messages', async () => {
  const from = { until: new Date(Date.now() - 60_000).toISOString(), postponed: [] }
  const batchId = await endedBatch([message(), message('not json')], 'terminate')
  const { openEndedBatches } = activities()
  await failInserts(url(), { table: 'streaming.audit_log', status: 503, times: 1_000 })
  const swept = await waitFor(async () => {
    const result = await attempt(openEndedBatches, [from, soon()])
    return result.postponed.some(({ workflowId }) => workflowId === batchId) && result
  }, 'the batch to be postponed')
  expect(swept).toMatchObject({ letters: 1, events: 2 })
  await openedLetters(batchId, 1)
  const audited = () =>
    rows('SELECT decision FROM streaming.audit_log WHERE batch_id = @batchId ORDER BY decision', {
      batchId,
    })
  expect(await audited()).toEqual([])

  await clearFaults(url())
  const later = new Date(Date.parse(swept.until ?? '') + 1_000).toISOString()
  const last = { until: swept.until, postponed: swept.postponed }
  expect(await attempt(openEndedBatches, [last, later])).toMatchObject({ postponed: [] })
  expect(await audited()).toEqual([{ decision: 'accepted' }, { decision: 'rejected' }])
  expect(await lettersOf(batchId)).toHaveLength(1)
})

test('events that a dead letter of the batch has are left to it', async () => {
  const messages = [
    message(purchase, { messageId: 'o0' }),
    message({ ...purchase, amount: 'x' }, { messageId: 'o1' }),
  ]
  const batchId = await endedBatch(messages, 'terminate')
  const open = createOpenDeadLetters(createBatchReader(), client(), taskQueue, metrics)
  const failedEvents = [{ index: 1, partnerId: 'dealer-7', reasons: ['amount_not_a_number'] }]
  await attempt(open, [
    batchOf(...messages),
    { batchId, stage: 'validation', casualties: failedEvents },
  ])
  await openedLetters(batchId, 1)

  const { openEndedBatches } = activities()
  await waitFor(
    async () => (await attempt(openEndedBatches, [NEVER, soon()])).letters > 0,
    'the batch to be found',
  )
  await openedLetters(batchId, 2)
  expect((await tableOf(batchId)).map((row) => [row['message_id'], row['reasons']])).toEqual([
    ['o0', ['batch_terminated']],
    ['o1', ['amount_not_a_number']],
  ])
})

test('so are those whose dead letter Temporal has forgotten', async () => {
  const messages = [message(purchase, { messageId: 'f0' }), message('x', { messageId: 'f1' })]
  const batchId = await endedBatch(messages, 'terminate')
  const [, event] = letterOf(['f0', 'f1']).events
  const publishTime = messages[1]?.publishTime ?? ''
  const events = event ? [{ ...event, publishTime }] : []
  const record = createRecordDeadLetter(createInsertAllWarehouse(bigquery()), metrics)
  await attempt(record, ['dead-letter/forgotten', { ...letterOf([]), batchId, events }])
  const { openEndedBatches } = activities()
  await waitFor(
    async () => (await attempt(openEndedBatches, [NEVER, soon()])).letters > 0,
    'the batch to be found',
  )
  const [letter] = await openedLetters(batchId, 1)
  expect(letter?.message).toBe('1 event not finished from dealer-7: batch_terminated (1)')
})

test('a batch that was started again is left to its new run', async () => {
  const batchId = await endedBatch([message()], 'terminate')
  const again = await client().workflow.start(WORKFLOW.processBatch, {
    workflowId: batchId,
    taskQueue: nowhere,
    args: [batchOf(message())],
  })
  await listed(batchId)
  const marker = await endedBatch([message()], 'terminate')
  const { openEndedBatches } = activities()
  await waitFor(
    async () => (await attempt(openEndedBatches, [NEVER, soon()])).letters > 0,
    'the other batch to be found',
  )
  await openedLetters(marker, 1)
  expect(await lettersOf(batchId)).toEqual([])
  await again.terminate()
})

test('a batch encrypted with a key the worker lacks is left to the next sweep, and then found', async () => {
  const batchId = await endedBatch([message()], 'terminate')
  const keys = process.env['PAYLOAD_KEYS'] ?? ''
  process.env['PAYLOAD_KEYS'] = pair('other', 9)
  const stranger = await connectClient()
  process.env['PAYLOAD_KEYS'] = keys
  const lacking = activities(stranger)
  const from = { until: new Date(Date.now() - 60_000).toISOString(), postponed: [] }
  const swept = await waitFor(async () => {
    const result = await attempt(lacking.openEndedBatches, [from, soon()])
    return result.postponed.some(({ workflowId }) => workflowId === batchId) && result
  }, 'the batch to be postponed')
  await stranger.connection.close()
  const { openEndedBatches } = activities()
  const { until, postponed } = swept
  const later = new Date(Date.parse(until ?? '') + 1_000).toISOString()
  expect(await attempt(openEndedBatches, [{ until, postponed }, later])).toMatchObject({
    postponed: [],
    letters: expect.any(Number),
  })
  await openedLetters(batchId, 1)
})

/** A dead letter whose run ends with nobody to write it. */
async function endedLetter(letter: DeadLetter): Promise<string> {
  const workflowId = `dead-letter/${letter.batchId}/dealer-7/staging`
  const handle = await client().workflow.start(WORKFLOW.deadLetter, {
    workflowId,
    taskQueue: nowhere,
    args: [letter],
  })
  await handle.terminate('by a test')
  await listed(workflowId)
  return workflowId
}

test('a dead letter that was terminated before it wrote is recorded, once', async () => {
  const letter = letterOf(['l0', 'l1'])
  const id = await endedLetter(letter)
  const { recordEndedLetters } = activities()
  const first = await waitFor(async () => {
    const result = await attempt(recordEndedLetters, [NEVER, soon()])
    return result.letters > 0 && result
  }, 'the dead letter to be recorded')
  expect(first).toMatchObject({ letters: 1, events: 2, postponed: [] })
  const again = await attempt(recordEndedLetters, [NEVER, soon()])
  expect(again).toMatchObject({ letters: 0, events: 0 })
  const kept = await rows(
    'SELECT message_id FROM streaming.dead_letter WHERE dead_letter_id = @id ORDER BY message_id',
    { id },
  )
  expect(kept).toEqual([{ message_id: 'l0' }, { message_id: 'l1' }])
})

test('one whose input had room for no event is done', async () => {
  const id = await endedLetter(letterOf([]))
  const span = { from: new Date(Date.now() - 60_000).toISOString(), until: soon() }
  const kind = { types: [WORKFLOW.deadLetter], endings: ['Terminated'] } as const
  await waitFor(async () => {
    const { runs } = await findEnded(client(), kind, span)
    return runs.some(({ workflowId }) => workflowId === id)
  }, 'the dead letter to be listed')
  const last = { until: span.from, postponed: [] }
  expect(await attempt(activities().recordEndedLetters, [last, soon()])).toMatchObject({
    letters: 0,
    postponed: [],
  })
})

test('while BigQuery takes nothing, it is left to the next sweep', async () => {
  const letter = letterOf(['later'])
  const id = await endedLetter(letter)
  const from = { until: new Date(Date.now() - 60_000).toISOString(), postponed: [] }
  const { recordEndedLetters } = activities()
  await failInserts(url(), { status: 503, times: 1_000 })
  const swept = await waitFor(async () => {
    const result = await attempt(recordEndedLetters, [from, soon()])
    return result.postponed.some(({ workflowId }) => workflowId === id) && result
  }, 'the dead letter to be postponed')
  await clearFaults(url())
  const next = await attempt(recordEndedLetters, [
    { until: swept.until, postponed: swept.postponed },
    new Date(Date.parse(swept.until ?? '') + 1_000).toISOString(),
  ])
  expect(next).toMatchObject({ letters: swept.postponed.length, postponed: [] })
})
