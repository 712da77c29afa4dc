// Which messages of the audit log a replay takes, at its limits and with rows that must not count.

import { beforeAll, expect, test } from '@jest/globals'
import { createReader } from '#warehouse/read'
import {
  countReplayable,
  type ReplaySelection,
  replayableMessages,
} from '#warehouse/sql/replayable-messages'
import type { bigqueryAt } from '../../../support/parts.ts'
import { at, type Given, insert } from './rows.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

const sent = (message_id: string, time: string, more: Given = {}) => ({
  partner_id: 'replayer-1',
  batch_id: 'batch-replay',
  message_id,
  event_id: `event-${message_id}`,
  content_hash: `hash-${message_id}`,
  publish_time: at(time),
  ...more,
})

const held = (message_id: string, time: string, more: Given = {}) =>
  sent(message_id, time, { data: base64(message_id.padEnd(10, '.')), ...more })

const AUDITED = [
  held('before', '19:59'),
  held('missing-b', '20:00', { attributes: '{"partner_id":"replayer-1"}' }),
  held('missing-a', '20:00'),
  // Delivered twice, and rejected by an earlier version.
  held('missing-a', '20:00', { decision: 'rejected', ingested_at: at('19:00') }),
  held('staged', '20:01'),
  held('corrected', '20:02'),
  held('repeated', '20:03', { event_id: 'event-staged', content_hash: 'hash-staged' }),
  held('open', '20:04'),
  held('rejected', '20:05', { decision: 'rejected', batch_id: 'batch-replay/1' }),
  held('cancelled', '20:06', { type: 'cancellation', batch_id: 'batch-replay-2' }),
  held('cut', '20:07', { part: 0, parts: 2 }),
  held('erased', '20:08', { data: base64('(erased)') }),
  held('whole', '20:09', { batch_id: 'whole' }),
  held('theirs', '20:10', { partner_id: 'replayer-2' }),
  held('after', '20:30'),
]

const STAGED = [
  sent('staged', '20:01'),
  // A person corrected it in a redrive.
  sent('corrected', '20:02', { content_hash: 'hash-of-the-correction' }),
]

const SELECTION: ReplaySelection = {
  since: at('20:00'),
  until: at('20:30'),
  partner: 'replayer-1',
  decision: 'accepted',
  includesStaged: false,
}

/** @param bigquery of a stack with tables */
export function describeReplayStatements(bigquery: () => ReturnType<typeof bigqueryAt>): void {
  beforeAll(async () => {
    await insert(bigquery(), 'audit_log', AUDITED)
    await insert(bigquery(), 'staging_purchase', STAGED)
    const { content_hash: _, ...dead } = sent('open', '20:04', { stage: 'staging' })
    await insert(bigquery(), 'dead_letter', [{ ...dead, dead_letter_id: 'dead-letter/replay' }])
  })

  const idsOf = async (differs: Partial<ReplaySelection>) =>
    (await createReader(bigquery())(replayableMessages({ ...SELECTION, ...differs }))).map(
      ({ message_id }) => message_id,
    )

  const MISSING = ['missing-a', 'missing-b', 'cancelled']

  test.each<[string, Partial<ReplaySelection>, readonly string[]]>([
    ['what staging lacks', {}, MISSING],
    [
      'what is staged as well',
      { includesStaged: true },
      ['missing-a', 'missing-b', 'staged', 'corrected', 'repeated', 'cancelled'],
    ],
    ['what was rejected', { decision: 'rejected' }, ['rejected']],
    [
      'a batch and those it was split into, whatever was decided',
      { batch: 'batch-replay', decision: 'any' },
      ['missing-a', 'missing-b', 'rejected'],
    ],
    [
      'one type of all partners, from the beginning of the span',
      { since: at('20:06'), type: 'cancellation', partner: undefined },
      ['cancelled'],
    ],
    [
      'what comes after a message, to the end of the span',
      { until: at('20:06'), after: { publishTime: at('20:00'), messageId: 'missing-a' } },
      ['missing-b'],
    ],
  ])('a replay of %s', async (_what, differs, ids) => {
    expect(await idsOf(differs)).toEqual(ids)
  })

  test('a message is published with its bytes and attributes', async () => {
    const [, second] = await createReader(bigquery())(replayableMessages(SELECTION))
    expect(second).toEqual({
      message_id: 'missing-b',
      publish_time: at('20:00'),
      data: Buffer.from('missing-b.'),
      attributes: { partner_id: 'replayer-1' },
    })
  })

  test('messages and bytes are counted by what became of them', async () => {
    expect(await createReader(bigquery())(countReplayable(SELECTION))).toEqual([
      {
        partner_id: 'replayer-1',
        type: 'cancellation',
        messages: 1,
        staged: 0,
        open: 0,
        missing_bytes: 10,
        bytes: 10,
      },
      {
        partner_id: 'replayer-1',
        type: 'purchase',
        messages: 6,
        staged: 3,
        open: 1,
        missing_bytes: 20,
        bytes: 50,
      },
    ])
  })
}
