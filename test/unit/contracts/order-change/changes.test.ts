// What a change event says of an order, case by case.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { isPersonal, type Message, readEvent } from '#contracts'
import { messageBytes } from '#contracts/message-bytes'
import { changesFrom, changesOf } from '#contracts/order-change/chain'
import type { StagedVersion } from '#contracts/order-change/staged-version'
import { toMessage } from '../../../../activities/changes/to-message.ts'
import { CHANGE_EVENT_BYTES } from '../../../../cli/cost/change-events.ts'
import { cancellation, message, purchase } from '../../../fixtures/messages.ts'

const PERSON = {
  customer_id: 'canary-customer',
  email: 'canary@example.com',
  phone: '+4915112345678',
  gclid: 'canary-click',
  vehicle: { vin: 'CANARYVIN00000001', make: 'Audi', model: 'Q5', year: 2025 },
  nickname: 'canary-nickname',
}

let minute = 10

function versionIn(sent: Message, ingested_at: string | null = null): StagedVersion {
  const parsed = readEvent(sent)
  if (!parsed.accepted) throw new Error(JSON.stringify(parsed.violations))
  const { messageId: message_id, publishTime: publish_time } = sent
  return { ...parsed.event, message_id, publish_time, batch_id: 'batch-1', ingested_at }
}

/** The next message that is published. */
const told = (event: object, overrides: Partial<Message> = {}) =>
  versionIn(message(event, { publishTime: `2026-11-20T10:${minute++}:00.000000Z`, ...overrides }))

const bought = (more: object = {}) =>
  told({ ...purchase, event_id: 'p1', currency: 'EUR', ...more })
const called = (more: object = {}) =>
  told({ ...cancellation, order_id: 'A001', event_id: 'c1', ...more })

const all = (...versions: StagedVersion[]) => changesOf(versions)

const seen = (...versions: StagedVersion[]) =>
  all(...versions).map(({ kind, after }) => [kind, after.status, after.amount])

describe('kinds and values', () => {
  test('a purchase, its correction and its cancellation', () => {
    const [created, corrected, cancelled, ...more] = all(
      bought(),
      bought({ amount: 39999.5 }),
      called(),
    )
    expect(more).toEqual([])
    const order = { status: 'purchased', purchases: 1, cancellations: 0, currency: 'EUR' }
    const first = { ...order, amount: '45000', car_model: 'SUV', cancelled_at: null }
    const timed = { ...first, purchased_at: '2026-11-19T19:32:00.000000Z' }
    expect(created).toMatchObject({ kind: 'created', before: null, after: timed })
    expect(corrected).toMatchObject({
      kind: 'corrected',
      before: timed,
      after: { ...timed, amount: '39999.5' },
      event: { type: 'purchase', amount: '39999.5', car_model: 'SUV' },
      source: { event_id: 'p1', batch_id: 'batch-1' },
    })
    expect(cancelled).toMatchObject({
      kind: 'cancelled',
      before: { status: 'purchased', amount: '39999.5' },
      after: {
        status: 'cancelled',
        amount: '0',
        cancellations: 1,
        cancelled_at: '2026-11-19T19:32:10.000000Z',
      },
      event: { type: 'cancellation', amount: null, partial: false },
    })
  })

  test('another purchase of the order adds to it, and a partial cancellation takes from it', () => {
    expect(
      seen(
        bought(),
        bought({ event_id: 'p2', amount: 1 }),
        called({ partial: true, amount: 0.5, event_id: 'c0' }),
        called({ partial: true, amount: 45000.5 }),
      ),
    ).toEqual([
      ['created', 'purchased', '45000'],
      ['corrected', 'purchased', '45001'],
      ['cancelled', 'partly_cancelled', '45000.5'],
      ['cancelled', 'cancelled', '0'],
    ])
  })

  test('a cancellation without a purchase is one, and the purchase that follows it does not reopen the order', () => {
    expect(seen(called(), bought())).toEqual([
      ['cancelled', 'cancelled', '0'],
      ['created', 'cancelled', '0'],
    ])
  })

  test('an amount that cannot be known is null', () => {
    expect(seen(bought(), bought({ event_id: 'p2', currency: 'USD' }))[1]).toEqual([
      'corrected',
      'purchased',
      null,
    ])
    expect(seen(bought(), called({ partial: true }))[1]).toEqual([
      'cancelled',
      'partly_cancelled',
      null,
    ])
    expect(seen(called({ partial: true, amount: 1 }))[0]).toEqual([
      'cancelled',
      'partly_cancelled',
      null,
    ])
  })

  test('a correction of the currency, and of a partial cancellation, is counted once', () => {
    const [, corrected] = all(bought({ currency: 'USD' }), bought())
    expect(corrected?.after).toMatchObject({ amount: '45000', currency: 'EUR' })
    expect(
      seen(
        bought(),
        called({ partial: true, amount: 45000 }),
        called({ partial: true, amount: 5000 }),
      ).at(-1),
    ).toEqual(['corrected', 'partly_cancelled', '40000'])
  })
})

describe('what changes nothing', () => {
  test('the same contents again, in another message', () => {
    const first = bought()
    const again = bought()
    expect(all(first, again)).toHaveLength(1)
    expect(changesFrom([first, again], (one) => one === again)).toEqual([])
  })

  test('a correction of a field that change events do not carry', () => {
    expect(all(bought(), bought({ email: 'other@example.com' }))).toHaveLength(1)
  })

  test('but the first version again, after another one, is the partner’s last word', () => {
    const [first, , third] = all(bought(), bought({ amount: 1 }), bought())
    expect(third).toMatchObject({ kind: 'corrected', after: { amount: '45000' } })
    expect(third?.change_id).not.toBe(first?.change_id)
  })
})

describe('ids and sequence', () => {
  test('an event that is staged late makes new ids of what follows it, and a greater sequence', () => {
    const [early, late] = [bought(), called()]
    const alone = all(late)[0]
    const [first, second] = changesFrom([late, early], (one) => one === early)
    expect([first?.kind, second?.kind]).toEqual(['created', 'cancelled'])
    expect(second?.change_id).not.toBe(alone?.change_id)
    expect(second?.before).toMatchObject({ status: 'purchased' })
    expect(String(second?.sequence) > String(alone?.sequence)).toBe(true)
  })

  test('rows of the same message are one version, whichever run staged them', () => {
    const sent = message({ ...purchase, event_id: 'p1' })
    const row = versionIn(sent, '2026-11-20T10:00:01.000000Z')
    const again = versionIn(sent)
    expect(all(row, { ...again, batch_id: 'batch-2' })).toEqual(all(row))
  })

  test('a publish time with fewer digits counts as the same as one with six', () => {
    const [change] = all(bought())
    expect(change?.sequence).toMatch(/^2026-11-20T10:\d\d:00\.000000Z\/000001$/)
  })
})

describe('personal data', () => {
  const versions = [
    told(
      { ...purchase, ...PERSON, event_id: 'p1' },
      { attributes: { partner_id: 'ann@example.com' } },
    ),
    told(
      { ...cancellation, ...PERSON, order_id: 'A001', reason: 'canary-reason' },
      { attributes: { partner_id: 'ann@example.com' } },
    ),
  ]
  const messages = all(...versions).map(toMessage)

  test('nothing of a person is in a message, its attributes or its ordering key', () => {
    expect(messages).toHaveLength(2)
    const text = messages
      .map(({ data, attributes, orderingKey }) =>
        [Buffer.from(data).toString(), JSON.stringify(attributes), orderingKey].join(),
      )
      .join()
    expect(text).toContain('Audi')
    expect(text).not.toMatch(/canary|4915112345678|ann@example|CANARYVIN/i)
  })

  test('nor what stands for contents: an event without an id has none', () => {
    const [, cancelled] = all(...versions)
    expect(cancelled?.source.event_id).toBeNull()
    const text = messages.map(({ data }) => Buffer.from(data).toString()).join()
    for (const { content_hash } of versions) expect(text).not.toContain(content_hash)
  })

  test('the schema has no field that is personal', () => {
    const schema: unknown = JSON.parse(
      readFileSync('contracts/generated/order-change-v1.schema.json', 'utf8'),
    )
    const names = propertiesOf(schema)
    expect(names).toContain('vehicle_make')
    expect(names.filter(isPersonal)).toEqual([])
  })
})

function propertiesOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([name, value]) =>
    name === 'properties' && typeof value === 'object' && value !== null
      ? [...Object.keys(value), ...Object.values(value).flatMap(propertiesOf)]
      : propertiesOf(value),
  )
}

describe('ordering keys', () => {
  const keyOf = (partner: string, order: string) => {
    const [change] = all(
      told({ ...purchase, order_id: order }, { attributes: { partner_id: partner } }),
    )
    return change && toMessage(change).orderingKey
  }

  test('are partner and order, and differ for different orders', () => {
    expect(keyOf('dealer-7', 'A001')).toBe('dealer-7/A001')
    expect(keyOf('a/b', 'c')).not.toBe(keyOf('a', 'b/c'))
    expect(keyOf('a%2Fb', 'c')).not.toBe(keyOf('a/b', 'c'))
  })

  test('fit into what Pub/Sub takes, also with the longest ids', () => {
    const [one, other] = [
      keyOf('🚗'.repeat(256), '🚗'.repeat(256)),
      keyOf('🚗'.repeat(256), 'x'.repeat(256)),
    ]
    expect(Buffer.byteLength(String(one))).toBeLessThanOrEqual(1024)
    expect(Buffer.byteLength(String(other))).toBeLessThanOrEqual(1024)
    expect(one).not.toBe(other)
  })
})

test('an order of thousands of versions takes time in proportion', () => {
  const versions = Array.from({ length: 4_000 }, (_, i) =>
    told(
      { ...purchase, event_id: `p${i}` },
      { publishTime: new Date(Date.UTC(2026, 10, 20) + i).toISOString() },
    ),
  )
  const began = process.cpuUsage()
  const changes = all(...versions)
  const { user } = process.cpuUsage(began)
  expect(changes.at(-1)?.after).toMatchObject({ purchases: 4_000, amount: String(4_000 * 45_000) })
  expect(user / 1000).toBeLessThan(2_000)
})

test('a change event has about as many bytes as its cost is computed with', () => {
  const sizes = all(bought(), bought({ amount: 1 }), called()).map((change) =>
    messageBytes(toMessage(change)),
  )
  for (const bytes of sizes) expect(Math.abs(bytes / CHANGE_EVENT_BYTES - 1)).toBeLessThan(0.25)
})

test('a change has the id that every earlier version of the pipeline gave it, so that consumers know it again', () => {
  const at = (minutes: number) => ({ publishTime: `2026-11-20T10:${minutes}:00.000000Z` })
  const changes = all(
    told({ ...purchase, event_id: 'p1', currency: 'EUR', ...PERSON }, at(10)),
    told({ ...cancellation, order_id: 'A001', event_id: 'c1' }, at(11)),
  )
  expect(changes.map(({ change_id }) => change_id)).toEqual([
    '7c4c132afc7d9d9f8da4ecddde6bcf87',
    'c3089ba072391a25537a5937004b0211',
  ])
})
