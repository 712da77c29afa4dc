// Which events of selected dead letters are patched and resolved: each filter by itself, at its limits.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { select } from '#operations/dead-letters/select'
import type { Reader } from '#warehouse/read'
import { storedEvent } from '../../../support/stored-event.ts'

const store: Reader = Object(async () => [])
const client: Client = Object({})

const EVENT = storedEvent({
  partner_id: 'dealer-7',
  stage: 'validation',
  reasons: ['amount_not_a_number', 'timestamp_too_old'],
  type: null,
  publish_time: '2026-11-20T10:00:00.000000Z',
})

test.each([
  ['partner=dealer-7', true],
  ['partner=dealer-8', false],
  ['stage=validation', true],
  ['stage=staging', false],
  ['reason=timestamp_too_old', true],
  ['reason=timestamp', false],
  ['type=unknown', true],
  ['type=purchase', false],
  ['since=2026-11-20T10:00:00Z', true],
  ['since=2026-11-20T10:00:00.001Z', false],
  ['until=2026-11-20T10:00:00Z', false],
  ['until=2026-11-20T10:00:00.001Z', true],
  ['partner=dealer-7 stage=staging', false],
  ['partner=dealer-7 stage=validation type=unknown', true],
])('--query %s patches the event: %s', async (query, isChosen) => {
  const selection = await select(store, client, { ids: [], query })
  expect(selection.isChosen(EVENT)).toBe(isChosen)
  // A dead letter is resolved whole, but for the events of other partners.
  expect(selection.isTaken(EVENT)).toBe(!query.includes('dealer-8'))
})

test.each([
  { ids: [] },
  { ids: ['a'], all: true },
  { ids: ['a'], query: 'partner=a' },
  { ids: [], query: 'partner=a', all: true },
])('dead letters are selected in one way: %j', async (selector) => {
  await expect(select(store, client, selector)).rejects.toMatchObject({
    code: 'selection_ambiguous',
  })
})

/** A store that answers with dead letters, by what it is asked; and what it was asked. */
function storeWith(rows: {
  readonly open?: readonly string[]
  readonly ofPartner?: readonly string[]
}) {
  const [all, { open = [], ofPartner = [] }] = [['letter-1', 'letter-2'], rows]
  const read: Reader = Object(async ({ sql, params }: { sql: string; params: object }) => {
    if (sql.includes('WITH event'))
      return open.map((id) => ({ id, partner: 'dealer-7', reasons: [], events: 1 }))
    const ids = 'partner' in params ? ofPartner : all
    return ids.map((dead_letter_id) => ({ dead_letter_id }))
  })
  return read
}

const theirs = storedEvent({ partner_id: 'dealer-8' })

test('dead letters that are named are resolved whole, or for one partner that has events in each', async () => {
  const whole = await select(storeWith({}), client, { ids: ['letter-1', 'letter-1'] })
  expect(whole.ids).toEqual(['letter-1'])
  expect([whole.isTaken(EVENT), whole.isTaken(theirs), whole.isChosen(theirs)]).toEqual([
    true,
    true,
    true,
  ])
  const store7 = storeWith({ ofPartner: ['letter-1'] })
  const own = await select(store7, client, { ids: ['letter-1'], partner: 'dealer-7' })
  expect([own.isTaken(EVENT), own.isTaken(theirs)]).toEqual([true, false])
  const both = { ids: ['letter-1', 'letter-2'], partner: 'dealer-7' }
  await expect(select(store7, client, both)).rejects.toMatchObject({
    code: 'partner_not_selected',
    details: { letters: ['letter-2'], partner: 'dealer-7' },
  })
})

test('every open dead letter is selected where all are asked for, each once', async () => {
  const all = await select(storeWith({ open: ['a', 'b', 'a'] }), client, { ids: [], all: true })
  expect(all.ids).toEqual(['a', 'b'])
  expect([all.isTaken(theirs), all.isChosen(theirs)]).toEqual([true, true])
})

test('a query of Temporal selects the failed dead letters that the table has open', async () => {
  const asked: string[] = []
  const temporal: Client = Object({
    workflow: {
      async *list({ query }: { query: string }) {
        asked.push(query)
        yield { workflowId: 'b' }
        yield { workflowId: 'closed' }
      },
    },
  })
  const query = "PartnerId = 'dealer-7' OR Stage = 'staging'"
  const found = await select(storeWith({ open: ['a', 'b'] }), temporal, { ids: [], query })
  expect(found.ids).toEqual(['b'])
  expect([found.isTaken(theirs), found.isChosen(theirs)]).toEqual([true, true])
  expect(asked).toEqual([
    `WorkflowType = 'deadLetter' AND ExecutionStatus = 'Failed' AND (${query})`,
  ])
})

test('a query that Temporal does not take is refused with its words', async () => {
  const refusing: Client = Object({
    workflow: {
      // oxlint-disable-next-line require-yield -- it fails before the first
      async *list() {
        throw new Error('invalid query')
      },
    },
  })
  const query = "Nonsense = 'x'"
  await expect(select(storeWith({}), refusing, { ids: [], query })).rejects.toMatchObject({
    code: 'query_refused',
    details: { query, why: 'invalid query' },
  })
})
