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
