// What the statements about the activation log answer, at their limits and with rows that must not count.

import { beforeAll, expect, test } from '@jest/globals'
import { createReader } from '#warehouse/read'
import { acceptedCalls } from '#warehouse/sql/accepted-calls'
import { callsPerBatch } from '#warehouse/sql/calls-per-batch'
import { partnerGoogleAds } from '#warehouse/sql/partner-google-ads'
import { waitingEvents } from '#warehouse/sql/waiting-events'
import type { bigqueryAt } from '../../../support/parts.ts'
import { at, insert } from './rows.ts'

const staged = (partner_id: string, message_id: string, time = '10:00') => ({
  partner_id,
  message_id,
  publish_time: at(time),
})

const recorded = (message_id: string, outcome: string, more: object = {}) => ({
  ...staged('dealer-7', message_id),
  event_id: message_id,
  outcome,
  ...more,
})

const EXCLUDED = { google_ads: 'excluded', google_ads_reason: 'no_consent' }
const OMITTED = { omitted_identifiers: ['phone_unparseable', 'email_malformed'] }

const LOG = [
  recorded('accepted', 'sending', { segment_message_id: 's1', ...EXCLUDED }),
  recorded('accepted', 'accepted', {
    segment_message_id: 's1',
    ingested_at: at('10:01'),
    ...EXCLUDED,
    ...OMITTED,
  }),
  // A second event of the same call, in another batch.
  recorded('told-with', 'accepted', {
    segment_message_id: 's1',
    batch_id: 'b2',
    ingested_at: at('10:02'),
    google_ads: 'intended',
  }),
  recorded('another', 'accepted', { segment_message_id: 's2', ingested_at: at('10:03') }),
  recorded('unsent', 'sending', { ...EXCLUDED }),
  recorded('unsent', 'unsent', { ingested_at: at('10:05'), ...EXCLUDED }),
  recorded('sending', 'sending', { ...EXCLUDED }),
  recorded('waiting', 'waiting'),
  recorded('failed', 'failed'),
  recorded('held', 'not_activated', { google_ads: 'excluded', google_ads_reason: 'too_old' }),
  recorded('held', 'not_activated', {
    google_ads: 'excluded',
    google_ads_reason: 'partner_excluded',
    ingested_at: at('10:04'),
  }),
  recorded('cancelled', 'accepted', {
    ...EXCLUDED,
    type: 'cancellation',
    segment_message_id: 's3',
    ingested_at: at('09:59'),
  }),
  recorded('older', 'accepted', { publish_time: at('08:00'), segment_message_id: 's0' }),
]

const FINAL = ['accepted', 'told-with', 'another', 'failed', 'held']
const OPEN = ['unsent', 'sending', 'waiting', 'unrecorded']
const since = new Date(at('09:00'))

/** @param bigquery of a stack with tables */
export function describeActivationStatements(bigquery: () => ReturnType<typeof bigqueryAt>): void {
  beforeAll(async () => {
    await insert(bigquery(), 'activation_log', LOG)
    const own = [...FINAL, ...OPEN].map((id) => staged('dealer-7', id))
    const others = [
      staged('dealer-7', 'unsent'),
      staged('dealer-7', 'too-old', '08:59'),
      staged('dealer-8', 'unrecorded-8', '09:00'),
    ]
    await insert(bigquery(), 'staging_purchase', [...own, ...others])
    await insert(bigquery(), 'staging_cancellation', [
      staged('dealer-7', 'cancelled'),
      staged('dealer-7', 'waiting-cancellation', '09:30'),
    ])
  })

  test('an event waits until its outcome is final, once however often it was delivered', async () => {
    expect(await createReader(bigquery())(waitingEvents(since))).toEqual([
      { partner_id: 'dealer-7', events: OPEN.length + 1, oldest: at('09:30') },
      { partner_id: 'dealer-8', events: 1, oldest: at('09:00') },
    ])
  })

  test('accepted calls are counted once, and those recorded before the time are not', async () => {
    const read = createReader(bigquery())
    expect(await read(acceptedCalls(since, new Date(at('10:01'))))).toEqual([
      { last_at: at('10:03'), calls: 2 },
    ])
    expect(await read(acceptedCalls(new Date(at('11:00')), since))).toEqual([
      { last_at: null, calls: 0 },
    ])
  })

  test('the calls of a batch are those that were accepted, each once', async () => {
    const read = createReader(bigquery())
    expect(await read(callsPerBatch(since))).toEqual([{ calls: 2 }])
    expect(await read(callsPerBatch(new Date(at('11:00'))))).toEqual([{ calls: null }])
  })

  test('a purchase that Segment took and that was excluded counts once, as it was the last time', async () => {
    const read = createReader(bigquery())
    const rows = await read(partnerGoogleAds({ partner: 'dealer-7' }))
    expect(rows).toHaveLength(4)
    expect(rows).toEqual(
      expect.arrayContaining([
        { reason: 'no_consent', omitted: null, purchases: 1 },
        { reason: 'no_consent', omitted: 'email_malformed', purchases: 1 },
        { reason: 'no_consent', omitted: 'phone_unparseable', purchases: 1 },
        { reason: 'partner_excluded', omitted: null, purchases: 1 },
      ]),
    )
    expect(await read(partnerGoogleAds({ partner: 'dealer-8' }))).toEqual([])
    const until = new Date(at('10:00'))
    expect(await read(partnerGoogleAds({ partner: 'dealer-7', until }))).toEqual([])
  })
}
