// What is recorded of a resolution: it closes its dead letter only where no event failed again.

import { expect, test } from '@jest/globals'
import { Client } from '@temporalio/client'
import type { Row } from '#warehouse/warehouse'
import { createActivities } from '../../../activities/index.ts'
import { attempt, metrics } from '../../support/activities.ts'

const NO_RUN_BEFORE = { previousRunId: null, redriveOf: null }

async function recorded(failed: number) {
  const rows: Row[] = []
  const { recordHandling } = createActivities({
    warehouse: {
      append: async (_table, added) => {
        rows.push(...added)
        return { written: added.length, failed: [] }
      },
    },
    segment: { deliver: async () => null },
    lookUpOrders: async () => new Map(),
    temporal: new Client(),
    taskQueue: 'none',
    segmentNamespace: 'test',
    metrics,
  })
  const resolution = {
    ...NO_RUN_BEFORE,
    action: 'redrive' as const,
    events: 3,
    attempt: 2,
    actor: 'ann',
    reason: 'a test',
    patch: null,
    occurredAt: '2026-11-20T10:00:00.000000Z',
    staged: [],
  }
  await attempt(recordHandling, ['dead-letter/1', { ...resolution, failed }])
  return rows.map(({ columns }) => columns)
}

test.each([
  [0, 'closed'],
  [1, 'failed'],
  [3, 'failed'],
])('of three events %d failed again: %s', async (failed, outcome) => {
  expect(await recorded(failed)).toEqual([
    expect.objectContaining({ dead_letter_id: 'dead-letter/1', outcome, events: 3, failed }),
  ])
})
