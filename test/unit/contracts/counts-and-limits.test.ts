// How the counts of a batch and of an erasure are made, and the limits that the documents promise.

import { expect, test } from '@jest/globals'
import { countsOnce, isShared, partnerOf } from '#contracts/batch'
import { countsOf, summaryOf } from '#contracts/batch-counts'
import { earliest } from '#contracts/earliest'
import {
  addRows,
  ERASED,
  ERASED_TABLES,
  NO_ROWS,
  NO_RUNS,
  PSEUDONYM,
  sumOf,
} from '#contracts/erasure'
import {
  ADS_WINDOW_DAYS,
  MAX_AGE_DAYS,
  MAX_BATCH_BYTES,
  MAX_DEAD_LETTER_BYTES,
  MAX_FUTURE_MINUTES,
  MAX_INPUT_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_PARTNERS_APART,
  MAX_PAYLOAD_BYTES,
} from '#contracts/limits'
import { MAX_REDRIVE_ATTEMPTS, withoutReplay } from '#contracts/lineage'
import { message } from '../../fixtures/messages.ts'

const failure = (index: number) => ({ index, partnerId: 'dealer-7', reasons: ['a'] })
const VALIDATION = {
  received: 100,
  accepted: 80,
  rejected: [failure(1)],
  duplicates: [2, 3, 4],
}
const COUNTS = {
  received: 100,
  accepted: 80,
  // A message that was cut into parts is rejected once, and has a failure for each part.
  rejected: 17,
  duplicates: 3,
  stagedPurchase: 50,
  stagedCancellation: 28,
  unstaged: 2,
}

test('the counts of a batch add up: received = accepted + rejected + duplicates', () => {
  const staged = { purchase: 50, cancellation: 28, failed: [failure(5), failure(6)] }
  expect(countsOf(VALIDATION, staged)).toEqual(COUNTS)
})

test('what could not be staged or activated is undeliverable', () => {
  const { unstaged: _, ...counts } = COUNTS
  const activated = { accepted: 60, notActivated: 7, waiting: 8, failed: [failure(7)] }
  expect(summaryOf(COUNTS, activated)).toEqual({
    ...counts,
    undeliverable: 3,
    activated: 60,
    notActivated: 7,
    waiting: 8,
  })
})

test('a message that was cut into parts counts with its first part', () => {
  expect(countsOnce(message())).toBe(true)
  expect(countsOnce(message({}, { part: { index: 0, of: 2 } }))).toBe(true)
  expect(countsOnce(message({}, { part: { index: 1, of: 2 } }))).toBe(false)
})

test('an event of a shared dead letter has its own partner', () => {
  const event = {
    messageId: 'm1',
    publishTime: '2026-11-20T10:00:00.000000Z',
    attributes: {},
    data: null,
    eventType: null,
    eventId: null,
    orderId: null,
    faults: [],
  }
  const own = { ...event, partnerId: 'dealer-8' }
  expect(partnerOf({ partnerId: 'dealer-7' }, event)).toBe('dealer-7')
  expect(partnerOf({ partnerId: '(several)' }, own)).toBe('dealer-8')
  expect([[event], [event, own]].map((events) => isShared({ events }))).toEqual([false, true])
})

test('the earliest of some times is the least, and none of none', () => {
  expect(earliest([null, 5, 3, null, 4])).toBe(3)
  expect(earliest([null, 0])).toBe(0)
  expect(earliest([null])).toBeNull()
  expect(earliest([])).toBeNull()
})

test('the rows of an erasure are counted by table, in every table that holds persons', () => {
  const tables = [
    'audit_log',
    'staging_purchase',
    'staging_cancellation',
    'dead_letter',
    'dead_letter_log',
    'activation_log',
  ] as const
  expect(ERASED_TABLES.toSorted()).toEqual(tables.toSorted())
  expect([sumOf(NO_ROWS), NO_RUNS.deleted, NO_RUNS.encrypted, NO_RUNS.notSwept]).toEqual([
    0, 0, 0, 0,
  ])
  for (const table of tables) {
    const sum = addRows({ ...NO_ROWS, [table]: 2 }, { ...NO_ROWS, [table]: 3 })
    expect(sum).toEqual({ ...NO_ROWS, [table]: 5 })
    expect(sumOf({ ...sum, [table]: 6 })).toBe(6)
  }
})

test('what was erased reads as the runbook says', () => {
  expect([ERASED, PSEUDONYM]).toEqual(['(erased)', 'erased-'])
})

test('a message that is published as a new one is no replay, and keeps its other attributes', () => {
  const attributes = { replay_of: 'm1', replay_publish_time: 't', redrive_of: 'd', partner_id: 'p' }
  expect(withoutReplay({ attributes })).toEqual({ redrive_of: 'd', partner_id: 'p' })
})

test('the times that partners and marketers are told', () => {
  expect({ MAX_FUTURE_MINUTES, MAX_AGE_DAYS, ADS_WINDOW_DAYS }).toEqual({
    MAX_FUTURE_MINUTES: 10,
    MAX_AGE_DAYS: 1825,
    ADS_WINDOW_DAYS: { purchase: 90, cancellation: 54 },
  })
})

test('twenty partners of a batch have a dead letter of their own, and an event comes back five times', () => {
  expect([MAX_PARTNERS_APART, MAX_REDRIVE_ATTEMPTS]).toEqual([20, 5])
})

/** Temporal refuses more in one payload, and in the input of a workflow. */
const TEMPORAL_BYTES = 2 * 1024 * 1024
const base64 = (bytes: number) => Math.ceil(bytes / 3) * 4

test('what goes to Temporal fits, however badly it compresses, and leaves little room unused', () => {
  expect(MAX_MESSAGE_BYTES).toBe(1024 * 1024)
  expect(MAX_BATCH_BYTES).toBeGreaterThanOrEqual(MAX_MESSAGE_BYTES * 1.25)
  expect(base64(MAX_BATCH_BYTES)).toBeLessThan(MAX_PAYLOAD_BYTES)
  expect(MAX_PAYLOAD_BYTES).toBeLessThan(2_000_000)
  expect(MAX_PAYLOAD_BYTES).toBeGreaterThan(1_800_000)
  expect(MAX_INPUT_BYTES).toBeLessThanOrEqual(TEMPORAL_BYTES - 4_000)
  expect(MAX_INPUT_BYTES).toBeGreaterThan(TEMPORAL_BYTES - 8_000)
  expect(MAX_DEAD_LETTER_BYTES).toBe(1_000_000)
})
