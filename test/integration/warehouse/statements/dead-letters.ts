// What the statements about dead letters answer, at their limits and with rows that must not count.

import { beforeAll, expect, test } from '@jest/globals'
import { createReader } from '#warehouse/read'
import { batchDeadLetters } from '#warehouse/sql/batch-dead-letters'
import { type Filters, readGroups } from '#warehouse/sql/dead-letter-groups'
import { readIds } from '#warehouse/sql/dead-letter-ids'
import { readLog } from '#warehouse/sql/dead-letter-log'
import { readStandings } from '#warehouse/sql/dead-letter-standings'
import { knownLetters } from '#warehouse/sql/known-letters'
import { openLetters } from '#warehouse/sql/open-letters'
import { openedEvents } from '#warehouse/sql/opened-events'
import { recordedEvents } from '#warehouse/sql/recorded-events'
import { rejectedReasons } from '#warehouse/sql/rejected-reasons'
import { rejectedSamples } from '#warehouse/sql/rejected-samples'
import { rejectedTotals } from '#warehouse/sql/rejected-totals'
import type { bigqueryAt } from '../../../support/parts.ts'
import { at, type Given, insert, insertRaw } from './rows.ts'

const dead = (dead_letter_id: string, message_id: string, time: string, more: Given = {}) => ({
  dead_letter_id,
  partner_id: 'maker-1',
  batch_id: 'batch-dead',
  message_id,
  event_id: message_id,
  publish_time: at(time),
  ...more,
})

const EVENTS = [
  dead('one', 'm1', '10:00', { ingested_at: at('12:00') }),
  dead('one', 'm2', '10:01', { ingested_at: at('12:05'), reasons: ['not_json', 'too_large'] }),
  dead('one', 'm2', '10:01', { ingested_at: at('12:06'), reasons: ['not_json', 'too_large'] }),
  dead('two', 'm3', '10:02', { ingested_at: at('12:10'), partner_id: 'maker-2' }),
  dead('three', 'm4', '10:03', { ingested_at: at('12:15'), stage: 'staging' }),
  dead('closed', 'm5', '10:04', { ingested_at: at('12:20') }),
  dead('again', 'm6', '10:05', { ingested_at: at('12:25') }),
  dead('again', 'm6', '10:05', { ingested_at: at('12:30'), attempt: 2, reasons: ['too_large'] }),
]

const action = (dead_letter_id: string, attempt: number, outcome: string, more: Given = {}) => ({
  dead_letter_id,
  action: 'redrive',
  attempt,
  outcome,
  actor: 'ann',
  reason: 'fixed',
  events: 1,
  failed: outcome === 'failed' ? 1 : 0,
  run_id: `${dead_letter_id}-${attempt}`,
  occurred_at: at('13:00'),
  ingested_at: at(`13:0${attempt}`),
  ...more,
})

const ACTIONS = [
  action('again', 2, 'failed'),
  action('again', 1, 'failed'),
  action('again', 2, 'failed', { actor: 'a repeat', ingested_at: at('13:09') }),
  action('closed', 1, 'closed'),
  action('one', 1, 'closed', { message_ids: ['gone'] }),
]

const LETTERS = ['one', 'two', 'three', 'closed', 'again']
const until = new Date(at('12:15'))
const span = { oldest: new Date(at('10:00')), newest: new Date(at('10:03')) }

/** @param bigquery of a stack with tables */
export function describeDeadLetterStatements(bigquery: () => ReturnType<typeof bigqueryAt>): void {
  const reader = () => createReader(bigquery())
  beforeAll(async () => {
    await insert(bigquery(), 'dead_letter', EVENTS)
    await insertRaw(bigquery(), 'dead_letter_log', ACTIONS)
  })

  test('a dead letter is open since its first event was recorded, and the newest comes first', async () => {
    const open = await reader()(openLetters({ until }, 10))
    expect(open.map(({ id, since }) => [id, Date.parse(since)])).toEqual([
      ['two', Date.parse(at('12:10'))],
      ['one', Date.parse(at('12:00'))],
    ])
    expect(await reader()(openLetters({ until: new Date(at('14:00')) }, 1))).toMatchObject([
      { id: 'again' },
    ])
  })

  test('opened events are counted from the beginning of the span to before its end', async () => {
    const opened = await reader()(openedEvents({ since: new Date(at('12:05')), until }))
    expect(
      opened
        .map(({ partnerId, reasons, events }) => `${partnerId} ${reasons.join()} ${events}`)
        .toSorted(),
    ).toEqual(['maker-1 not_json,too_large 1', 'maker-2 not_json 1'])
  })

  test.each<[Filters, string[]]>([
    [{}, ['one', 'two', 'three', 'again']],
    [{ reason: 'too_large' }, ['one', 'again']],
    [{ since: new Date(at('10:02')), until: new Date(at('10:03')) }, ['two']],
    [{ stage: 'staging', reason: 'too_large' }, []],
  ])('the filters %j let through the open dead letters %j', async (filters, ids) => {
    const groups = await readGroups(reader(), 'open', filters)
    expect([...new Set(groups.map(({ id }) => id))]).toEqual(ids)
  })

  test('of all dead letters, one that is closed says so', async () => {
    const groups = await readGroups(reader(), 'all', {})
    expect(groups.filter(({ isOpen }) => !isOpen).map(({ id, events }) => [id, events])).toEqual([
      ['closed', 1],
    ])
    expect(groups.find(({ id }) => id === 'again')).toMatchObject({ reasons: ['too_large'] })
  })

  test('a dead letter stands as its last action left it', async () => {
    const standings = await readStandings(reader(), [...LETTERS, 'none'])
    expect(Object.fromEntries(standings.map(({ id, ...rest }) => [id, rest]))).toEqual({
      one: { attempts: 1, isOpen: true },
      two: { attempts: 0, isOpen: true },
      three: { attempts: 0, isOpen: true },
      closed: { attempts: 1, isOpen: false },
      again: { attempts: 2, isOpen: true },
    })
  })

  test('actions are told in their order, and that of a run once', async () => {
    const log = await readLog(reader(), 'again')
    expect(log.map(({ attempt, actor, outcome }) => [attempt, actor, outcome])).toEqual([
      [1, 'ann', 'failed'],
      [2, 'ann', 'failed'],
    ])
  })

  test('ids and messages are found, and counted once', async () => {
    const read = reader()
    expect((await readIds(read, 'maker-1')).toSorted()).toEqual(
      ['again', 'closed', 'one', 'three'].toSorted(),
    )
    expect((await readIds(read)).toSorted()).toEqual([...LETTERS].toSorted())
    expect(await read(knownLetters({ ids: ['one', 'none'] }))).toEqual([{ id: 'one' }])
    const recorded = { id: 'one', partners: ['maker-1'], ...span }
    expect(await read(recordedEvents(recorded))).toEqual([{ events: 2 }])
    expect(await read(recordedEvents({ ...recorded, newest: span.oldest }))).toEqual([
      { events: 1 },
    ])
    expect(await read(recordedEvents({ ...recorded, partners: ['maker-2'] }))).toEqual([
      { events: 0 },
    ])
    const ofBatch = await read(batchDeadLetters({ batchId: 'batch-dead', ...span }))
    expect([...new Set(ofBatch.map(({ messageId }) => messageId))].toSorted()).toEqual([
      'm1',
      'm2',
      'm3',
      'm4',
    ])
    expect(await read(batchDeadLetters({ batchId: 'batch', ...span }))).toEqual([])
  })

  test('the rejections of a partner are counted by reason, with the newest as the sample', async () => {
    const of = { partner: 'maker-1', open: false }
    expect(await reader()(rejectedTotals(of))).toMatchObject([
      { rejected: 4, corrected: 0, waiting: 3 },
    ])
    const reasons = await reader()(rejectedReasons(of))
    expect(reasons.map(({ reason, events, open }) => [reason, events, open])).toEqual([
      ['not_json', 4, 3],
      ['too_large', 1, 1],
    ])
    const samplesOf = async (open: boolean) => {
      const samples = await reader()(rejectedSamples({ ...of, open }))
      return Object.fromEntries(samples.map(({ reason, message_id }) => [reason, message_id]))
    }
    expect(await samplesOf(false)).toEqual({ not_json: 'm6', too_large: 'm2' })
    expect(await samplesOf(true)).toEqual({ not_json: 'm2', too_large: 'm6' })
  })
}
