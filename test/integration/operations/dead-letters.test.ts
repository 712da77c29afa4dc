// The operations on dead letters against a real pipeline: what failed is seen, corrected, sent again once, and closed.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { TASK_QUEUE } from '#contracts'
import { countsOf } from '#operations/dead-letters/counts'
import { shownEvent } from '#operations/dead-letters/masked'
import { shortId } from '#operations/dead-letters/short-id'
import { findStuck } from '#operations/stuck-runs/find'
import { retryNow } from '#operations/stuck-runs/retry-now'
import { connectClient } from '#runtime/temporal'
import { message, purchase } from '../../fixtures/messages.ts'
import { failedBatchesOf } from '../../support/failed-batches.ts'
import { editedFrom, operationsOn } from '../../support/operations.ts'
import { bigqueryAt, clearFaults, failCalls, failInserts, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startWorkerWithTables, type TestWorker } from '../../support/worker.ts'

const stack = useStackWithTables('temporal', 'bigquery', 'segment')
let client: Client
let worker: TestWorker

beforeAll(async () => {
  ;({ client, worker } = await startWorkerWithTables(stack(), TASK_QUEUE))
}, 120_000)
afterAll(async () => {
  await worker.stop()
  await client.connection.close()
})

const on = (through: () => Client, env: Readonly<Record<string, string>> = {}) =>
  operationsOn(() => ({
    env: { ...stack().env, ...env },
    bigquery: stack().bigquery,
    client: through(),
  }))
const { list, sums, show, redrive, preview, discard, exported, report } = on(() => client)

const rows = (query: string, params = {}) => rowsOf(bigqueryAt(stack().bigquery.url), query, params)

const from = (partner: string) => ({ attributes: { partner_id: partner } })

const { fail, runsOf } = failedBatchesOf(() => client)

const bad = (order_id: string, partner: string, more: object = { amount: 'x' }) =>
  message({ ...purchase, order_id, ...more }, from(partner))

const stagedOf = (id: string) =>
  rows('SELECT order_id FROM streaming.staging_purchase WHERE batch_id = @id ORDER BY order_id', {
    id,
  })

/** Lets the activities that wait for their next attempt start it. */
const hurry = async () => {
  const { stuck } = await findStuck(client, { attempts: 1, limit: 500, waitMs: 0 })
  await retryNow(client, stuck)
}

const FIX = '[{"op":"replace","path":"/amount","value":45000.00}]'

test('an open dead letter is found by every filter, and summed up by reason, partner and stage', async () => {
  const id = await fail(
    'lister',
    bad('l1', 'lister', { amount: 'x', email: 'jane@example.com' }),
    bad('l2', 'lister'),
    bad('l3', 'lister', { order_id: '' }),
  )
  const [one, ...more] = await list({ partner: 'lister' })
  expect(more).toEqual([])
  expect(one).toMatchObject({
    id,
    short_id: shortId(id),
    state: 'open',
    partner_id: 'lister',
    stages: ['validation'],
    types: ['purchase'],
    events: 3,
    reasons: ['amount_not_a_number', 'order_id_empty'],
  })
  const filters = { stage: 'validation', type: 'purchase', reason: 'order_id_empty' }
  const [since, until] = [new Date('2026-11-20'), new Date('2026-11-21')]
  expect(await list({ partner: 'lister', ...filters, since, until })).toHaveLength(1)
  expect(await list({ partner: 'lister', reason: 'not_json' })).toEqual([])
  expect(await list({ partner: 'lister', since: until })).toEqual([])
  const published = new Date(one?.oldest_event_at ?? '')
  expect(await list({ partner: 'lister', since: published })).toHaveLength(1)
  expect(await list({ partner: 'lister', until: published })).toEqual([])
  expect(await sums({ partner: 'lister' })).toEqual([
    expect.objectContaining({
      reason: 'amount_not_a_number',
      partner_id: 'lister',
      stage: 'validation',
      events: 2,
      dead_letters: 1,
    }),
    expect.objectContaining({ reason: 'order_id_empty', events: 1 }),
  ])
  const shown = await show(shortId(id))
  expect(shown).toMatchObject({ id, isOpen: true, log: [] })
  expect(shown.events).toHaveLength(3)
  expect(shown.events[0]?.faults[0]).toMatchObject({
    reason: 'amount_not_a_number',
    path: 'amount',
  })
  const printed = (isPersonal: boolean) =>
    JSON.stringify(shown.events.map((event) => shownEvent(event, isPersonal)))
  expect(printed(false)).not.toContain('jane@example.com')
  expect(printed(true)).toContain('jane@example.com')
  const lines = await exported(id)
  expect(lines.map((line) => JSON.parse(line).dead_letter_id)).toEqual([id, id, id])
  await expect(show(id, 'listre')).rejects.toMatchObject({
    code: 'partner_not_in_letter',
    details: { letter: id, partner: 'listre' },
  })
}, 60_000)

describe('redrive', () => {
  test('a preview says what would happen to each event, and changes nothing', async () => {
    const id = await fail('dry', bad('d1', 'dry'), bad('d2', 'dry', { order_id: '' }))
    const { forecasts } = await preview({ ids: [id], patch: FIX })
    expect(forecasts).toEqual([
      expect.objectContaining({ would: 'stage and activate', changed: true, reasons: [] }),
      expect.objectContaining({ would: 'reject again', reasons: ['order_id_empty'] }),
    ])
    expect(await runsOf(id)).toEqual(['FAILED'])
    expect(await list({ partner: 'dry' })).toHaveLength(1)
  }, 60_000)

  test('a patch corrects the events; they are staged once, with what was changed on record; a second time changes nothing', async () => {
    const id = await fail('patched', bad('p1', 'patched'), bad('p2', 'patched'))
    const patch = '[{"op":"replace","path":"/amount","value":12345678901234567890.120}]'
    const progress: number[] = []
    const done = await redrive({
      ids: [id],
      patch,
      actor: ' ann ',
      reason: 'agreed by phone',
      onProgress: ({ events, total }) => progress.push(events, total),
    })
    expect(progress).toEqual([0, 2, 2, 2])
    expect(countsOf(done)).toMatchObject({
      dead_letters: 1,
      closed: 1,
      events: 2,
      events_failed_again: 0,
    })
    const staged = await rows(
      `SELECT order_id, CAST(amount AS STRING) AS amount FROM streaming.staging_purchase
       WHERE batch_id = @id ORDER BY order_id`,
      { id },
    )
    expect(staged).toEqual(
      ['p1', 'p2'].map((order_id) => ({ order_id, amount: '12345678901234567890.12' })),
    )
    expect(await list({ partner: 'patched' })).toEqual([])
    expect(await list({ partner: 'patched' }, 'all')).toMatchObject([{ state: 'closed' }])
    const { log, isOpen } = await show(id)
    expect(isOpen).toBe(false)
    expect(log).toEqual([
      expect.objectContaining({
        action: 'redrive',
        attempt: 1,
        outcome: 'closed',
        actor: 'ann',
        reason: 'agreed by phone',
        patch: [expect.objectContaining({ messages: [expect.any(String), expect.any(String)] })],
      }),
    ])
    await expect(exported(id)).rejects.toMatchObject({ code: 'letter_closed' })
    await waitFor(
      async () => (await runsOf(id)).join() === 'COMPLETED',
      'the failed run to be deleted',
    )

    expect(await preview({ ids: [id], patch })).toEqual({
      forecasts: [],
      refusals: [],
      closedBefore: [id],
      doneBefore: 0,
    })
    expect(await redrive({ ids: [id], patch })).toMatchObject({ closedBefore: [id], outcomes: [] })
    expect(await runsOf(id)).toEqual(['COMPLETED'])
  }, 90_000)

  test('edited events are corrected each by itself; what fails again stays open, and only that', async () => {
    const id = await fail(
      'edited',
      bad('e1', 'edited'),
      bad('e2', 'edited'),
      message('not json', from('edited')),
    )
    const text = (await exported(id)).join('\n')
    const fixed = text
      .replace('"amount":"x"', '"amount":1.10')
      .replace('"text":"not json"', `"event":${JSON.stringify({ ...purchase, order_id: 'e3' })}`)
    const edited = await editedFrom(fixed.split('\n'))
    const first = await redrive({ edited, maxFailures: 1 })
    expect(first.outcomes).toMatchObject([
      {
        id,
        outcome: 'failed',
        failed: [expect.any(String)],
        summary: expect.stringMatching(/^1 of 3 events of edited failed again in redrive 1 by ann/),
      },
    ])
    expect(await list({ partner: 'edited' })).toMatchObject([
      { id, events: 1, reasons: ['amount_not_a_number'] },
    ])
    expect(await stagedOf(id)).toEqual([{ order_id: 'e1' }, { order_id: 'e3' }])
    const about = { partner: 'edited' }
    expect(await report(about)).toMatchObject({ rejected: 3, corrected: 2, waiting: 1 })
    const rest = await preview({ edited })
    expect(rest.doneBefore).toBe(2)
    expect(rest.forecasts.map(({ would }) => would)).toEqual(['reject again'])
    expect(countsOf(await redrive({ ids: [id], patch: FIX }))).toMatchObject({ closed: 1 })
    const again = await redrive({ edited })
    expect(again).toMatchObject({ outcomes: [], closedBefore: [id], doneBefore: 3 })
    const moved = fixed.replace(/"message_id":"[^"]*"/, '"message_id":"elsewhere"')
    const foreign = await editedFrom(moved.split('\n'))
    await expect(redrive({ edited: foreign })).rejects.toMatchObject({
      code: 'edited_line_foreign',
      details: { source: 'edited.ndjson', line: 1, messageId: 'elsewhere', letter: id },
    })
    expect(await list({ partner: 'edited' })).toEqual([])
    const { reasons, ...totals } = await report(about)
    expect(totals).toMatchObject({ rejected: 3, corrected: 3, waiting: 0 })
    expect(reasons.map(({ open }) => open)).toEqual([0, 0])
    expect((await show(id)).log).toMatchObject([
      { attempt: 1, outcome: 'failed', events: 3, failed: 1 },
      { attempt: 2, outcome: 'closed', events: 1, failed: 0 },
    ])
  }, 120_000)

  test('what Segment refused goes to Segment only', async () => {
    await failCalls(stack().segment.url, { status: 400, match: '"refused-s1"' })
    const id = await fail('segment', bad('s1', 'segment', { customer_id: 'refused-s1' }))
    await clearFaults(stack().segment.url)
    const done = await redrive({ query: 'partner=segment stage=activation' })
    expect(countsOf(done)).toMatchObject({ dead_letters: 1, closed: 1 })
    expect(await stagedOf(id)).toEqual([])
    expect(
      await rows(
        "SELECT outcome FROM streaming.activation_log WHERE batch_id = @id AND outcome != 'sending'",
        { id },
      ),
    ).toEqual([{ outcome: 'accepted' }])
  }, 60_000)

  test('a dead letter Temporal has forgotten is redriven from the table', async () => {
    const id = await fail('forgotten', bad('f1', 'forgotten'))
    const { namespace } = client.options
    const forget = async () => {
      await client.workflowService.deleteWorkflowExecution({
        namespace,
        workflowExecution: { workflowId: id },
      })
      await waitFor(async () => (await runsOf(id)).length === 0, 'Temporal to forget it')
    }
    await forget()
    const done = await redrive({ ids: [id], patch: FIX })
    expect(countsOf(done)).toMatchObject({ closed: 1, events: 1 })
    expect(await list({ partner: 'forgotten' })).toEqual([])
    await forget()
    expect(await redrive({ ids: [id] })).toMatchObject({ closedBefore: [id], outcomes: [] })
    expect(await runsOf(id)).toEqual([])
  }, 90_000)

  test('two people at once: one of them redrives it, the other changes nothing', async () => {
    const id = await fail('both', ...Array.from({ length: 5 }, (_, i) => bad(`b${i}`, 'both')))
    const asked = { ids: [id], patch: FIX }
    const both = await Promise.all([redrive(asked), redrive(asked)])
    const outcomes = both.flatMap((one) => one.outcomes)
    expect(outcomes.filter(({ outcome }) => outcome === 'closed')).toMatchObject([{ events: 5 }])
    for (const { outcome } of outcomes) expect(['closed', 'busy', 'gone']).toContain(outcome)
    expect(outcomes.length + both.flatMap((one) => one.closedBefore).length).toBe(2)
    expect(await stagedOf(id)).toHaveLength(5)
    expect((await show(id)).log).toHaveLength(1)
  }, 60_000)

  test('it stops where it is told to, and another one continues with what is open', async () => {
    for (const name of ['i1', 'i2', 'i3']) await fail('slow', bad(name, 'slow'))
    const asked = { query: 'partner=slow', patch: FIX }
    const controller = new AbortController()
    const done = await redrive({
      ...asked,
      rate: 0.05,
      signal: controller.signal,
      onProgress: ({ events }) => {
        if (events === 1) controller.abort()
      },
    })
    expect(done).toMatchObject({ ended: 'interrupted', underWay: 0, outcomes: [{ events: 1 }] })
    expect(await list({ partner: 'slow' })).toHaveLength(2)
    expect(countsOf(await redrive(asked))).toMatchObject({ dead_letters: 2, closed: 2 })
    expect(await list({ partner: 'slow' })).toEqual([])
  }, 120_000)
})

describe('BigQuery answers queries, and takes no row', () => {
  const refuse = () => failInserts(stack().bigquery.url, { status: 503 })
  const accept = () => clearFaults(stack().bigquery.url)
  const closed = (partner: string) =>
    waitFor(async () => (await list({ partner })).length === 0, 'the run to close it', 40_000)
  afterEach(accept)

  test('a redrive that is stopped leaves its run to continue; a second one meanwhile changes nothing', async () => {
    const id = await fail('leaving', bad('w2', 'leaving'))
    await refuse()
    const controller = new AbortController()
    const running = redrive({ ids: [id], patch: FIX, signal: controller.signal })
    await waitFor(async () => (await runsOf(id)).includes('RUNNING'), 'the run to start')
    expect((await redrive({ ids: [id], patch: FIX })).outcomes).toMatchObject([
      { id, outcome: 'busy', events: 1 },
    ])
    controller.abort()
    // The run cannot end while BigQuery takes no row.
    expect(await running).toMatchObject({ ended: 'interrupted', underWay: 1, outcomes: [] })
    expect(await list({ partner: 'leaving' })).toHaveLength(1)
    await accept()
    await hurry()
    await closed('leaving')
    expect(await stagedOf(id)).toEqual([{ order_id: 'w2' }])
    expect((await show(id)).log).toMatchObject([{ attempt: 1, outcome: 'closed' }])
  }, 120_000)

  test('Temporal goes away while a run is under way: the redrive fails, and the run continues', async () => {
    const id = await fail('cut', bad('c1', 'cut'))
    const proxy = await startTcpProxy(stack().temporal.address)
    // It is not closed afterwards: calls that the SDK still retries would throw on a closed connection.
    process.env['TEMPORAL_ADDRESS'] = proxy.address
    const through = await connectClient().finally(() => {
      process.env['TEMPORAL_ADDRESS'] = stack().temporal.address
    })
    await refuse()
    const running = on(() => through).redrive({ ids: [id], patch: FIX })
    const lost = running.catch((error: unknown) => error)
    await waitFor(async () => (await runsOf(id)).includes('RUNNING'), 'the run to start')
    proxy.goAway()
    expect(await lost).toMatchObject({ code: 'temporal_lost' })
    await accept()
    await hurry()
    await closed('cut')
  }, 120_000)
})

test('discard closes for good, and records who and why', async () => {
  const id = await fail('discarded', bad('x1', 'discarded'))
  const done = await discard({ query: 'partner=discarded', reason: 'a test', actor: 'ben' })
  expect(countsOf(done)).toMatchObject({ closed: 1, events: 1 })
  expect(await list({ partner: 'discarded' })).toEqual([])
  expect((await show(id)).log).toMatchObject([
    { action: 'discard', actor: 'ben', reason: 'a test' },
  ])
  expect(await redrive({ ids: [id] })).toMatchObject({ closedBefore: [id] })
  expect(await report({ partner: 'discarded' })).toMatchObject({
    rejected: 1,
    corrected: 0,
    waiting: 0,
  })
}, 60_000)

describe('what cannot be done has a code, and nothing is changed', () => {
  let id: string
  beforeAll(async () => {
    id = await fail('unlucky', bad('u1', 'unlucky'), message('not json', from('unlucky')))
  })
  test.each<[string, Parameters<typeof redrive>[0], string]>([
    [
      'a patch that applies to no place',
      { patch: '[{"op":"replace","path":"/amuont","value":1}]' },
      'patch_not_applicable',
    ],
    [
      'a patch whose test fails',
      { patch: '[{"op":"test","path":"/amount","value":"y"}]' },
      'patch_not_applicable',
    ],
    ['a patch for what is no JSON', { patch: FIX }, 'patch_not_applicable'],
    ['a query Temporal does not take', { query: 'Nonsense = 5' }, 'query_refused'],
    ['a stage there is not', { query: 'stage=stagging' }, 'filter_value_unknown'],
    ['ids and all', { all: true, ids: ['x'] }, 'selection_ambiguous'],
    ['nothing selected', { ids: [] }, 'selection_ambiguous'],
    ['an id there is not', { ids: ['ffff0000'] }, 'letter_unknown'],
    ['a partner it does not have', { partner: 'lucky' }, 'partner_not_selected'],
    ['a reason that is no line', { reason: 'one\ntwo' }, 'reason_invalid'],
    ['an actor that is no name', { actor: ' ' }, 'actor_invalid'],
  ])('%s', async (_name, options, code) => {
    const selector = options.query === undefined ? { ids: [id] } : {}
    await expect(redrive({ ...selector, ...options })).rejects.toMatchObject({
      name: 'OperationError',
      code,
    })
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('edited events of another dead letter', async () => {
    const other = await fail('other', bad('o1', 'other'))
    const edited = await editedFrom(await exported(other))
    await expect(redrive({ ids: [id], edited })).rejects.toMatchObject({
      code: 'edited_letter_not_selected',
      details: { letter: other },
    })
    expect(await runsOf(id)).toEqual(['FAILED'])
  }, 60_000)

  test('events that were edited to be too large', async () => {
    const large = `"car_model":"${'x'.repeat(1_100_000)}"`
    const lines = (await exported(id)).map((line) => line.replace('"car_model":"SUV"', large))
    await expect(redrive({ edited: await editedFrom(lines) })).rejects.toMatchObject({
      name: 'LetterRefusedError',
      code: 'message_too_large',
      letter: id,
      details: { letter: id, messageId: expect.stringMatching(/^m\d+$/), limit: 1_048_576 },
    })
    expect(await runsOf(id)).toEqual(['FAILED'])
  }, 60_000)

  test('no worker', async () => {
    const elsewhere = on(() => client, { TEMPORAL_TASK_QUEUE: 'unserved' })
    await expect(elsewhere.redrive({ ids: [id] })).rejects.toMatchObject({
      code: 'worker_missing',
      details: { taskQueue: 'unserved' },
    })
    expect(await runsOf(id)).toEqual(['FAILED'])
  })

  test('one whose bytes are nowhere stops none of the others', async () => {
    const letter = 'dead-letter/batch-lost/nowhere-00000000/validation'
    const lost = {
      dead_letter_id: letter,
      stage: 'validation',
      partner_id: 'nowhere',
      reasons: ['too_large'],
      faults: '[]',
      data: null,
      attributes: '{}',
      message_id: 'lost',
      publish_time: '2026-11-20T09:00:00Z',
      batch_id: 'batch-lost',
    }
    await bigqueryAt(stack().bigquery.url).dataset('streaming').table('dead_letter').insert(lost)
    await fail('nowhere', bad('n1', 'nowhere'))
    const refusal = { code: 'bytes_missing', details: { letter, messageId: 'lost' } }
    const would = await preview({ query: 'partner=nowhere' })
    expect(would.forecasts).toMatchObject([{ would: 'reject again' }])
    expect(would.refusals).toMatchObject([refusal])
    const done = await redrive({ query: 'partner=nowhere' })
    expect(countsOf(done)).toMatchObject({ dead_letters: 2, events: 1, events_failed_again: 1 })
    expect(done.outcomes.find((one) => one.id === letter)).toEqual({
      id: letter,
      outcome: 'refused',
      events: 1,
      failed: [],
      refusal,
    })
  }, 60_000)
})
