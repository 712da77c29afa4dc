// Every column of every table is decided on: an erasure keeps it on purpose, replaces it, or sets it to null.

import { expect, test } from '@jest/globals'
import { ERASED_TABLES, TABLES } from '#contracts'
import { erasedColumns, eraseRows } from '#warehouse/sql/erase-rows'
import type { RowTable } from '#warehouse/sql/person-rows'

const ROW_TABLES = ERASED_TABLES.filter((table): table is RowTable => table !== 'dead_letter_log')
const columnsOf = (table: string) => TABLES.find(({ name }) => name === table)?.columns ?? []

/** Values of the contract that may say who somebody is. */
const PERSONAL =
  /^(customer_id|email|phone|gclid|gbraid|wbraid|vehicle_vin|additional_properties|consent|data|attributes|faults|order_id|event_id|content_hash|segment_message_id|call|click_id)$/

test.each(ROW_TABLES)('%s loses every column that may say who somebody is', (table) => {
  const personal = columnsOf(table).filter(({ name }) => PERSONAL.test(name))
  expect(personal.length).toBeGreaterThan(3)
  const erased = erasedColumns(table)
  expect(personal.filter(({ name }) => !erased.has(name))).toEqual([])
})

test.each(ROW_TABLES)('%s keeps a value in every column that must have one', (table) => {
  const erased = erasedColumns(table)
  const required = columnsOf(table).filter(({ mode }) => mode === 'REQUIRED')
  expect(required.length).toBeGreaterThan(5)
  expect(required.filter(({ name }) => erased.get(name) === 'NULL')).toEqual([])
})

test.each(ROW_TABLES)('%s keeps what the counts are made of', (table) => {
  const erased = erasedColumns(table)
  const counted = ['message_id', 'publish_time', 'batch_id', 'partner_id', 'type', 'ingested_at']
  expect(counted.filter((name) => erased.has(name))).toEqual([])
})

test('the tables without a person are those of batches and of erasures', () => {
  const others = TABLES.map(({ name }) => name).filter(
    (name) => !ERASED_TABLES.some((table) => table === name),
  )
  expect(others).toEqual(['batch_ledger', 'batch_receipt', 'erasure_log'])
})

test('a statement without a message changes no row, and has no empty list', () => {
  const nothing = { partnerId: 'p', customerId: 'c', keys: [], orders: [], from: '', to: '' }
  for (const table of ROW_TABLES) {
    const { params } = eraseRows(table, nothing, 'salt')
    expect(Object.values(params)).not.toContainEqual([])
  }
})
