// What a trace asks for and hands back: at most five orders, the runs of their rows, and what could not be read.

import { expect, test } from '@jest/globals'
import type { Missing } from '#operations/trace/ask'
import { trace } from '#operations/trace/trace'
import { BigQueryError } from '#warehouse/bigquery-error'
import type { Reader } from '#warehouse/read'
import { activated, audited, dead, handled, LETTER, staged, timeAt } from './rows.ts'

const hit = (partner_id: string, message_id = 'm1') => ({
  partner_id,
  order_id: 'O1',
  message_id,
  publish_time: timeAt(0),
})

type Rows = readonly object[]
type World = {
  /** What the search finds, and what is read then, by table. */
  readonly hits?: Readonly<Record<string, Rows>>
  readonly rows?: Readonly<Record<string, Rows>>
  readonly broken?: readonly string[]
  readonly missing?: readonly Missing[]
}

const SAID = 'it is  away'

function worldOf({ hits = {}, rows = {}, broken = [], missing = [] }: World) {
  const asked: { readonly table: string; readonly params: object }[] = []
  const read: Reader = Object(async ({ sql, params }: { sql: string; params: object }) => {
    const [, table = ''] = /FROM streaming\.(\w+)/.exec(sql) ?? []
    asked.push({ table, params })
    if (broken.includes(table)) {
      const place = { projectId: 'p' }
      throw new BigQueryError(SAID, { code: 'unreachable', place, fault: {} })
    }
    return (sql.startsWith('SELECT DISTINCT') ? hits : rows)[table] ?? []
  })
  const runs: string[][] = []
  const temporal = {
    read: async (ids: readonly string[]) => {
      runs.push([...ids])
      return { runs: [], missing }
    },
    countOpenBatches: async () => 4,
    close: async () => {},
  }
  return { read, temporal, asked, runs }
}

const SEARCHED = ['audit_log', 'dead_letter', 'staging_purchase', 'staging_cancellation'].map(
  (table) => `streaming.${table}`,
)

test('rows of every table are read, and the runs of their batches and dead letters, each once', async () => {
  const { read, temporal, runs, asked } = worldOf({
    hits: { audit_log: [hit('dealer-7')] },
    rows: {
      audit_log: [audited()],
      staging_purchase: [staged()],
      staging_cancellation: [staged({ type: 'cancellation', batch_id: 'batch-2' })],
      activation_log: [activated({ batch_id: 'batch-3' })],
      dead_letter: [dead({ batch_id: 'batch-4' }), dead({ attempt: 1 })],
      dead_letter_log: [handled()],
    },
  })
  const { traces, others, openBatches, missing, searched } = await trace(read, temporal, {
    id: 'O1',
  })
  expect({ others, openBatches, missing, searched }).toEqual({
    others: [],
    openBatches: null,
    missing: [],
    searched: SEARCHED,
  })
  expect(runs).toEqual([['batch-1', 'batch-2', 'batch-3', 'batch-4', LETTER]])
  const { rows } = Object(traces[0])
  expect(rows.staged.map(({ type }: { readonly type: string }) => type)).toEqual([
    'purchase',
    'cancellation',
  ])
  expect(rows).toMatchObject({ handled: [{ run_id: 'r1' }], missing: [] })
  expect([rows.audited, rows.activated, rows.dead].map(({ length }) => length)).toEqual([1, 1, 2])
  expect(asked.find(({ table }) => table === 'dead_letter_log')?.params).toEqual({
    letters: [LETTER],
    oldest: timeAt(0),
  })
})

test('five orders are read, and the others are named', async () => {
  const partners = Array.from({ length: 7 }, (_, at) => `dealer-${at}`)
  const { read, temporal, asked } = worldOf({
    hits: { audit_log: partners.map((one) => hit(one)) },
  })
  const { traces, others } = await trace(read, temporal, { id: 'O1' })
  expect(traces.map(({ subject }) => subject.partnerId)).toEqual(partners.slice(0, 5))
  expect(others.map(({ partnerId }) => partnerId)).toEqual(partners.slice(5))
  // No dead letter, no action on one.
  expect(asked.filter(({ table }) => table === 'dead_letter_log')).toEqual([])
})

test('a table that does not answer is missing once, and the others still answer', async () => {
  const said: Missing = { part: 'Temporal', code: 'temporal_unavailable', said: 'away' }
  const { read, temporal } = worldOf({
    hits: { staging_purchase: [hit('dealer-7')] },
    rows: { staging_purchase: [staged()] },
    broken: ['audit_log', 'activation_log'],
    missing: [said],
  })
  const { traces, missing, searched } = await trace(read, temporal, { id: 'O1' })
  const away = (table: string) => ({
    part: `streaming.${table}`,
    code: 'unreachable',
    said: 'it is away',
  })
  expect(missing).toEqual([away('audit_log')])
  expect(searched).toEqual(SEARCHED.slice(1))
  expect(traces[0]?.missing).toEqual([away('audit_log'), away('activation_log'), said])
  expect(traces[0]?.rows.staged).toHaveLength(1)
})

test('where nothing has the id, the open batches are counted, unless nothing could be searched', async () => {
  const nothing = worldOf({})
  expect(await trace(nothing.read, nothing.temporal, { id: 'O1' })).toMatchObject({
    traces: [],
    openBatches: 4,
  })
  const broken = SEARCHED.map((table) => table.replace('streaming.', ''))
  const away = worldOf({ broken })
  expect(await trace(away.read, away.temporal, { id: 'O1' })).toMatchObject({
    searched: [],
    openBatches: null,
  })
})

test('an error that is not one of BigQuery is a defect, and not missing', async () => {
  const { temporal } = worldOf({})
  const read: Reader = async () => {
    throw new TypeError('ours')
  }
  await expect(trace(read, temporal, { id: 'O1' })).rejects.toThrow('ours')
})
