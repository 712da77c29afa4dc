// What is open by Temporal and by the table is compared, and each way of disagreeing has its name.

import { expect, test } from '@jest/globals'
import { WorkflowFailedError } from '@temporalio/client'
import { type Comparison, type DeadLetter, WORKFLOW } from '#contracts'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createRecordDeadLetter } from '../../../activities/record-dead-letter.ts'
import { attempt, metrics } from '../../support/activities.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { letterOf, useSweep } from '../../support/sweep.ts'
import { waitFor } from '../../support/wait-for.ts'

const stack = useStackWithTables('temporal', 'bigquery')
const { activities, bigquery, client, counted, nowhere, taskQueue } = useSweep(stack)

const idOf = ({ batchId }: DeadLetter) => `dead-letter/${batchId}/dealer-7/staging`
const warehouse = () => createInsertAllWarehouse(bigquery())

/** A dead letter as it is opened: recorded by its workflow, which then fails. */
async function openLetter(letter = letterOf(['m1'])): Promise<string> {
  const workflowId = idOf(letter)
  const options = { workflowId, taskQueue, args: [letter] }
  await client()
    .workflow.execute(WORKFLOW.deadLetter, options)
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error
    })
  return workflowId
}

const record = (letter: DeadLetter) =>
  attempt(createRecordDeadLetter(warehouse(), metrics), [idOf(letter), letter])

async function close(id: string): Promise<void> {
  const columns = {
    dead_letter_id: id,
    action: 'discard',
    attempt: 1,
    outcome: 'closed',
    actor: 'a test',
    reason: 'tested',
    events: 1,
    failed: 0,
    run_id: 'r1',
    occurred_at: new Date().toISOString(),
  }
  await warehouse().append('dead_letter_log', [{ key: [id], columns }])
}

/** As if a minute had gone by; Temporal's lists lag by a moment. */
const compare = () =>
  attempt(activities().compareDeadLetters, [new Date(Date.now() + 60_000).toISOString()])

const compareUntil = (done: (comparison: Comparison) => boolean, what: string) =>
  waitFor(async () => {
    const comparison = await compare()
    return done(comparison) && comparison
  }, what)

const NONE = { not_recorded: 0, closed_in_table: 0, closed_in_temporal: 0, gone_from_temporal: 0 }

test('what is open in both agrees, and what is being handled is no disagreement', async () => {
  await openLetter()
  const handled = letterOf(['m2'])
  await record(handled)
  const running = await client().workflow.start(WORKFLOW.deadLetter, {
    workflowId: idOf(handled),
    taskQueue: nowhere,
    args: [handled],
  })
  const comparison = await compareUntil(
    ({ agreed }) => agreed === 1,
    'the dead letter to be listed',
  )
  expect(comparison).toEqual({
    agreed: 1,
    forgotten: 0,
    disagreements: NONE,
    examples: [],
    unchecked: 0,
  })
  // Ended without success, and recorded: open in both.
  await running.terminate('by a test')
  expect((await compareUntil(({ agreed }) => agreed === 2, 'both')).disagreements).toEqual(NONE)
})

test('each way of disagreeing is told, with the dead letter', async () => {
  const closedInTable = await openLetter()
  await close(closedInTable)
  const gone = letterOf(['m3'])
  await record(gone)
  const notRecorded = letterOf(['m4'])
  const terminated = await client().workflow.start(WORKFLOW.deadLetter, {
    workflowId: idOf(notRecorded),
    taskQueue: nowhere,
    args: [notRecorded],
  })
  await terminated.terminate('by a test')
  const completed = letterOf(['m5'])
  await record(completed)
  // A sweep stands in for a redrive: any run that completes.
  await client().workflow.execute(WORKFLOW.sweep, { workflowId: idOf(completed), taskQueue })

  const comparison = await compareUntil(({ examples }) => examples.length === 4, 'all to be listed')
  expect(comparison.disagreements).toEqual({
    not_recorded: 1,
    closed_in_table: 1,
    closed_in_temporal: 1,
    gone_from_temporal: 1,
  })
  expect(comparison.examples).toEqual(
    expect.arrayContaining([
      { id: closedInTable, what: 'closed_in_table' },
      { id: idOf(gone), what: 'gone_from_temporal' },
      { id: idOf(notRecorded), what: 'not_recorded' },
      { id: idOf(completed), what: 'closed_in_temporal' },
    ]),
  )
  expect(comparison.forgotten).toBe(0)
})

test('what Temporal has forgotten after its retention is no disagreement', async () => {
  const before = await compare()
  const old = letterOf(['m6'])
  const [event] = old.events
  const twoMonthsAgo = new Date(Date.now() - 60 * 24 * 60 * 60 * 1000).toISOString()
  await warehouse().append('dead_letter', [
    {
      key: [idOf(old)],
      columns: {
        dead_letter_id: idOf(old),
        stage: 'staging',
        partner_id: 'dealer-7',
        reasons: ['warehouse_refused'],
        faults: '[]',
        attributes: '{}',
        message_id: event?.messageId ?? '',
        publish_time: twoMonthsAgo,
        batch_id: old.batchId,
        ingested_at: twoMonthsAgo,
      },
    },
  ])
  counted('dead_letter_disagreements')
  const after = await compare()
  expect(counted('dead_letter_disagreements')).toEqual(
    Object.entries(after.disagreements).map(([kind, value]) => ({
      name: 'dead_letter_disagreements',
      value,
      tags: { kind },
    })),
  )
  expect([before.forgotten, after.forgotten]).toEqual([0, 1])
  expect(after.disagreements).toEqual(before.disagreements)
})
