// What an erasure waits for: every run that may still write, or still hold, events of the person.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { createFindWaits } from '../../../activities/erase/find-waits.ts'
import { attempt } from '../../support/activities.ts'

type Run = { readonly id: string; readonly status?: string }

const REQUESTED_AT = '2026-11-20T10:00:00.000Z'

/** Answers each query of Temporal by the words that distinguish it, and BigQuery's by the batches it has audited. */
function world(given: {
  readonly batches?: readonly Run[]
  readonly letters?: readonly Run[]
  readonly opening?: readonly Run[]
  readonly before?: readonly Run[]
  readonly audited?: readonly string[]
}) {
  const { batches = [], letters = [], opening = [], before = [], audited = [] } = given
  const queries: string[] = []
  const asked: string[] = []
  async function* list({ query }: { query: string }) {
    queries.push(query)
    const found = query.includes('StartTime <')
      ? before
      : query.includes('STARTS_WITH')
        ? batches
        : query.includes('BatchId')
          ? opening
          : letters
    for (const { id, status = 'RUNNING' } of found)
      yield { workflowId: id, runId: `${id}#1`, status: { name: status }, startTime: new Date(0) }
  }
  const client: Client = Object({ options: { namespace: 'default' }, workflow: { list } })
  const read = Object(async ({ params }: { params: { batches: readonly string[] } }) => {
    asked.push(...params.batches)
    return audited.map((batch_id) => ({ batch_id }))
  })
  const find = (of = { batches: ['b'], letters: ['l'] }) =>
    attempt(createFindWaits(client, read), [REQUESTED_AT, of])
  return { find, queries, asked }
}

test('nothing is waited for where all runs have ended', async () => {
  const ended = [{ id: 'b', status: 'COMPLETED' }]
  expect(await world({ batches: ended, letters: [{ id: 'l', status: 'FAILED' }] }).find()).toEqual(
    [],
  )
})

test('batches of the person that run are waited for, and runs of one batch are one', async () => {
  const batches = [{ id: 'b' }, { id: 'b' }, { id: 'b/1' }, { id: 'c', status: 'TERMINATED' }]
  expect(await world({ batches }).find()).toEqual([{ code: 'batches_running', count: 2 }])
})

test('dead letters of the person that run, or are being opened by its batches, are waited for once', async () => {
  const found = await world({ letters: [{ id: 'l' }], opening: [{ id: 'l' }, { id: 'm' }] }).find()
  expect(found).toEqual([{ code: 'dead_letters_running', count: 2 }])
})

test('a batch that was started before the request is waited for until the audit log has it', async () => {
  const { find, queries } = world({ before: [{ id: 'x' }, { id: 'y' }], audited: ['x'] })
  expect(await find()).toEqual([{ code: 'batches_running', count: 1 }])
  expect(queries).toContainEqual(expect.stringContaining(`StartTime < '${REQUESTED_AT}'`))
})

test('a batch is counted once where it is found twice', async () => {
  const both = [{ id: 'x' }]
  expect(await world({ batches: both, before: both }).find()).toEqual([
    { code: 'batches_running', count: 1 },
  ])
})

test('batches above the number that one query takes are waited for as well', async () => {
  const before = Array.from({ length: 5_003 }, (_, at) => ({ id: `x${at}` }))
  const audited = before.slice(0, 4_999).map(({ id }) => id)
  const { find, asked } = world({ before, audited })
  expect(await find()).toEqual([{ code: 'batches_running', count: 4 }])
  expect(asked).toHaveLength(5_000)
})
