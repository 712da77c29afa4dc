// The numbers of a partner's report: what each share is of, and what becomes of a reason without a sample.

import { expect, test } from '@jest/globals'
import { reportOn } from '#operations/partner-report/read'
import type { Reader } from '#warehouse/read'

const REQUEST = { partner: 'dealer-7', open: false }

const TOTALS = {
  rejected: 8,
  corrected: 3,
  waiting: 5,
  first_seen: '2026-11-20T10:00:00.000000Z',
  last_seen: '2026-11-21T10:00:00.000000Z',
}

const reasonRow = (reason: string, events: number, open: number) => ({
  reason,
  events,
  open,
  first_seen: TOTALS.first_seen,
  last_seen: TOTALS.last_seen,
})

const sampleRow = {
  reason: 'amount_not_a_number',
  message_id: 'm1',
  publish_time: TOTALS.last_seen,
  order_id: 'A1',
  data: Buffer.from('{"order_id":"A1","email":"jane.doe@example.com"}'),
  faults: [
    { reason: 'other', path: 'x', received: 'y', expected: 'z' },
    { reason: 'amount_not_a_number', path: 'amount', received: '"x"', expected: 'a number' },
  ],
}

/** The rows of each statement, in the order in which the report asks. */
function answering(...answers: readonly (readonly object[])[]): Reader {
  const left = [...answers]
  return Object(async () => left.shift())
}

const NOTHING = [[], [], [], [], [], []]

test('shares are of the rejected events, of which one may have several reasons', async () => {
  const read = answering(
    [{ received: 100 }],
    [TOTALS],
    [{ corrections: 2, lookalikes: 1 }],
    [reasonRow('amount_not_a_number', 6, 4), reasonRow('in_the_future_of_another_version', 4, 1)],
    [sampleRow],
    [{ reason: 'too_old', omitted: null, purchases: 3 }],
  )
  const result = await reportOn(read, REQUEST)
  expect(result).toMatchObject({
    report: {
      ...REQUEST,
      received: 100,
      rejected: 8,
      corrected: 3,
      waiting: 5,
      corrections: 2,
      lookalikes: 1,
      firstSeen: TOTALS.first_seen,
      lastSeen: TOTALS.last_seen,
      reasons: [
        {
          reason: 'amount_not_a_number',
          events: 6,
          open: 4,
          share: 0.75,
          sample: {
            messageId: 'm1',
            publishedAt: TOTALS.last_seen,
            orderId: 'A1',
            path: 'amount',
            received: '"x"',
          },
        },
        { events: 4, open: 1, share: 0.5, contractExpects: '', sample: { messageId: '' } },
      ],
      notForGoogleAds: [{ reason: 'too_old', purchases: 3, omitted: [] }],
    },
  })
  expect(JSON.stringify(result)).not.toContain('jane.doe')
})

test('a partner that sent nothing is told who did', async () => {
  const read = answering(...NOTHING, [{ partner_id: 'dealer-8' }, { partner_id: 'dealer-9' }])
  expect(await reportOn(read, REQUEST)).toEqual({ otherPartners: ['dealer-8', 'dealer-9'] })
})

test.each([
  [{ received: 1 }, { ...TOTALS, rejected: 0 }],
  [{ received: 0 }, { ...TOTALS, rejected: 1 }],
])('a partner has a report where it sent %j, with %j', async (received, totals) => {
  const result = await reportOn(answering([received], [totals], [], [], [], []), REQUEST)
  expect(result).toMatchObject({ report: { partner: 'dealer-7' } })
})

const AT = new Date('2026-11-20T00:00:00Z')

test.each([0, -1])('a period that ends %d ms after it begins is refused', async (ms) => {
  const request = { ...REQUEST, since: AT, until: new Date(AT.getTime() + ms) }
  await expect(reportOn(answering(...NOTHING), request)).rejects.toMatchObject({
    code: 'period_reversed',
  })
})
