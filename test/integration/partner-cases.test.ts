// What partners really send, published once through the whole pipeline: the outcome of every case, as it ought to be.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { readMessages } from '#operations/send/read-file'
import type { Publishable } from '#runtime/pubsub'
import { dlqOf } from '../support/dlq.ts'
import { unsafeIn } from '../support/neutral.ts'
import { rowsOf } from '../support/parts.ts'
import { usePipeline } from '../support/pipeline.ts'
import { runCommand } from '../support/run-command.ts'
import { waitFor } from '../support/wait-for.ts'

const CASES = 'test/fixtures/cases'
const DAY_MS = 86_400_000

const pipeline = usePipeline()
const rows = (query: string) => rowsOf(pipeline().bigquery, query)
const { dlq } = dlqOf(() => pipeline().stack.env)

/** The same day for the whole file, which may run past midnight. */
const TODAY_MS = Date.now()

/** The files have the days of their making: the contract measures from today. */
function dated(text: string): string {
  const day = (days: number) => new Date(TODAY_MS + days * DAY_MS).toISOString().slice(0, 10)
  return text.replaceAll('2026-11-27', day(-1)).replaceAll('2027-11-27', day(365))
}

async function messagesOf(file: string): Promise<Publishable[]> {
  const messages: Publishable[] = []
  for await (const { data, attributes } of readMessages(`${CASES}/${file}`))
    messages.push({ data: Buffer.from(dated(Buffer.from(data).toString())), attributes })
  return messages
}

const from = (partner: string, fields: object): Publishable => ({
  data: Buffer.from(
    JSON.stringify({
      type: 'purchase',
      partner_id: partner,
      order_id: partner,
      customer_id: 'C1',
      car_model: 'Estate',
      amount: 30_000,
      timestamp: new Date().toISOString(),
      ...fields,
    }),
  ),
  attributes: {},
})

/** Seconds more than the ten minutes that an event may be ahead: it must be published within them. */
const AHEAD_S = 15
const ALLOWED_S = 600
let aheadMs = 0

beforeAll(async () => {
  const files = readdirSync(CASES).filter(
    (file) => !file.startsWith('H19') && file !== 'H02.later.ndjson',
  )
  const messages = await Promise.all(files.map(messagesOf))
  await pipeline().send(messages.flat())
  const later = await messagesOf('H02.later.ndjson')
  aheadMs = Date.now() + (ALLOWED_S + AHEAD_S) * 1000
  await pipeline().send([
    ...later,
    from('patched', { amount: 'x' }),
    from('ahead', { timestamp: new Date(aheadMs).toISOString() }),
    from('spaces', { order_id: ' spaces-1 ', amount: 1 }),
    from('spaces', { order_id: 'spaces-1', event_id: '\t', amount: 1 }),
  ])
}, 300_000)

type Call = {
  readonly event: string
  readonly userId: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** The calls that Segment took about an order, whatever their ids look like. */
function callsAbout(order: string): Call[] {
  const lines = readFileSync(pipeline().stack.segment.file ?? '', 'utf8')
    .trim()
    .split('\n')
  const word = new RegExp(`(?<![\\w-])${order}(?![\\w-])`)
  return lines.filter((line) => word.test(line)).map((line): Call => JSON.parse(line))
}

const ordersIn = async (view: string, like: string) =>
  (
    await rows(`SELECT order_id FROM streaming.${view} WHERE order_id LIKE '${like}' ORDER BY 1`)
  ).map(({ order_id }) => order_id)

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** What was decided of the messages of a file, in the order of the file. */
async function decisions(file: string) {
  const audited = await rows('SELECT data, decision, reasons, partner_id FROM streaming.audit_log')
  const byData = new Map(audited.map((row) => [String(row['data']), row]))
  const messages = await messagesOf(file)
  return messages.map(({ data }) => {
    const { decision, reasons, partner_id } = byData.get(Buffer.from(data).toString()) ?? {}
    return { decision, reasons, partner_id }
  })
}

const rejected = (...reasons: readonly string[]) => ({
  decision: 'rejected',
  reasons,
  partner_id: 'dealer-x',
})

test('every message is in the audit log, and nothing is unaccounted for', async () => {
  expect(await rows('SELECT SUM(unaccounted) AS n FROM streaming.reconciliation')).toEqual([
    { n: 0 },
  ])
})

describe('identity', () => {
  test('H01: three cars of one order at one moment are three purchases', async () => {
    expect(await ordersIn('purchase', 'H01')).toEqual(['H01', 'H01', 'H01'])
  })

  test('H02: an event id that is used again for each order is three purchases', async () => {
    expect(await ordersIn('purchase', 'H02-%')).toEqual(['H02-1', 'H02-2', 'H02-3'])
  })

  test('H04: two partners with one order number have no conversion in common', () => {
    const calls = callsAbout('1001')
    const bought = (email: string) =>
      calls.find(({ properties }) => properties['email'] === sha256(email))
    const north = bought('ann@example.com')
    const south = bought('bob@example.org')
    const cancelled = calls.find(({ event }) => event === 'Order Cancelled')
    expect(north?.properties['order_id']).not.toBe(south?.properties['order_id'])
    expect(north?.userId).not.toBe(south?.userId)
    expect(cancelled?.properties['order_id']).toBe(south?.properties['order_id'])
    expect(cancelled?.userId).toBe(south?.userId)
  })

  test('an order number with white space around it is the same order', async () => {
    expect(new Set(await ordersIn('purchase', '%spaces-1%'))).toEqual(new Set(['spaces-1']))
    const kept = await rows(`SELECT data FROM streaming.audit_log WHERE order_id = 'spaces-1'`)
    expect(
      kept.map(({ data }) => String(data)).filter((data) => data.includes('" spaces-1 "')),
    ).toHaveLength(1)
  })
})

describe('identifiers', () => {
  const phoneOf = (order: string) => callsAbout(order)[0]?.properties['phone']
  const clickOf = (order: string) => callsAbout(order)[0]?.properties['gclid']

  test('H05: a phone with a trunk zero is the number that Google would hash', () => {
    expect(['H05-a', 'H05-b', 'H05-c'].map(phoneOf)).toEqual(
      ['+4915123456789', '+442079460958', '+4915123456789'].map(sha256),
    )
  })

  test("H05: Italy's zero stays", () => {
    expect(phoneOf('H05-ok')).toBe(sha256('+390669812345'))
  })

  test('H07: a click id that is none is left out, and the call is sent', () => {
    const orders = ['H07-a', 'H07-b', 'H07-c']
    expect(orders.map((order) => callsAbout(order).length)).toEqual([1, 1, 1])
    expect(orders.map(clickOf)).toEqual([undefined, undefined, undefined])
  })

  test('H07: the e-mail address beside a click id that is none still counts', () => {
    expect(callsAbout('H07-c')[0]?.properties['email']).toBe(sha256('jane@example.com'))
  })

  test('H07: white space around a click id is taken off', () => {
    expect(clickOf('H07-d')).toBe('Cj0KCQtestAAA')
  })

  test('H07: a click id is taken out of the address that holds it', () => {
    expect(clickOf('H07-e')).toBe('Cj0KCQtestAAA')
  })

  test('H08: a phone number with invisible characters, in a link or with an extension, is cleaned', () => {
    const orders = ['H08-a', 'H08-b', 'H08-c', 'H08-d']
    expect(orders.map(phoneOf)).toEqual(orders.map(() => sha256('+4915123456789')))
  })
})

describe('rules', () => {
  test('H10: every broken rule is named at once', async () => {
    expect(await decisions('H10.hidden-faults.ndjson')).toEqual([
      rejected('type_unknown', 'amount_not_a_number', 'order_id_not_a_string'),
      rejected('amount_not_a_number', 'timestamp_in_future'),
      rejected('type_missing', 'amount_not_a_number'),
    ])
  })

  test('H12: the partner is read, and the key at fault is named', async () => {
    expect(await decisions('H12.partner-readable.ndjson')).toEqual([
      rejected('duplicate_key'),
      rejected('not_unicode'),
    ])
    const faults = await rows(
      `SELECT JSON_VALUE(faults, '$[0].reason') AS reason, JSON_VALUE(faults, '$[0].path') AS path
FROM streaming.open_dead_letter
WHERE partner_id = 'dealer-x' AND ARRAY_TO_STRING(reasons, ',') IN ('duplicate_key', 'not_unicode')
ORDER BY 1`,
    )
    expect(faults).toEqual([
      { reason: 'duplicate_key', path: 'order_id' },
      { reason: 'not_unicode', path: 'car_model' },
    ])
  })

  test('H15: a cancellation of a part restates the order, and retracts nothing', async () => {
    const [completed, updated, ...more] = callsAbout('H15')
    expect([completed?.event, updated?.event, more]).toEqual([
      'Order Completed',
      'Order Updated',
      [],
    ])
    expect(Number(updated?.properties['total'])).toBe(Number(completed?.properties['total']) - 500)
    expect(
      await rows(
        `SELECT CAST(amount AS STRING) AS amount, partial FROM streaming.cancellation WHERE order_id = 'H15'`,
      ),
    ).toEqual([{ amount: '500', partial: true }])
  })

  test('H17: an empty optional identifier is an absent one', async () => {
    expect(
      await rows(`SELECT email, phone FROM streaming.purchase WHERE order_id = 'H17'`),
    ).toEqual([{ email: null, phone: null }])
  })

  test('H20: the events of a pretty-printed array are two', async () => {
    expect(await ordersIn('purchase', 'H20-%')).toEqual(['H20-1', 'H20-2'])
    expect(await decisions('H20.pretty-array.json')).toHaveLength(2)
  })
})

/** Each command is a process of its own. */
const COMMANDS_LIMIT_MS = 240_000

describe('commands', () => {
  const command = (...args: readonly string[]) =>
    runCommand(args, undefined, { ...pipeline().stack.env, GOOGLE_CLOUD_PROJECT: 'local' })

  test(
    'H14: no command lets control characters of a partner reach the terminal',
    async () => {
      const outputs = [
        await command(
          'query',
          `SELECT partner_id, data FROM streaming.audit_log WHERE order_id = 'H14'`,
        ),
        await command(
          'query',
          '--csv',
          `SELECT partner_id FROM streaming.audit_log WHERE order_id = 'H14'`,
        ),
        await command('trace', 'H14'),
        await dlq('list'),
        await dlq('summary'),
      ]
      for (const { stdout, stderr } of outputs) expect(unsafeIn(stdout + stderr)).toEqual([])
      expect(outputs[0]?.stdout).toContain('EVIL')
    },
    COMMANDS_LIMIT_MS,
  )

  test(
    'H19: a patch with a byte-order mark corrects the event',
    async () => {
      const patch = `${CASES}/H19.patch-saved-by-notepad.json`
      const { code, stderr } = await dlq('redrive', '--query', 'partner=patched', '--patch', patch)
      expect([code, stderr]).toEqual([0, ''])
      expect(await ordersIn('purchase', 'patched')).toEqual(['patched'])
    },
    COMMANDS_LIMIT_MS,
  )

  test(
    'an event that was a little too far ahead is taken by a redrive',
    async () => {
      expect(await ordersIn('purchase', 'ahead')).toEqual([])
      await waitFor(() => Date.now() > aheadMs - ALLOWED_S * 1000, 'it to be no more than allowed')
      const { code, stderr } = await dlq('redrive', '--query', 'partner=ahead')
      expect([code, stderr]).toEqual([0, ''])
      expect(await ordersIn('purchase', 'ahead')).toEqual(['ahead'])
    },
    COMMANDS_LIMIT_MS,
  )

  test('what could be corrected is staged, and nothing is unaccounted for', async () => {
    expect(await rows('SELECT SUM(unaccounted) AS n FROM streaming.reconciliation')).toEqual([
      { n: 0 },
    ])
  })
})
