// How many messages of a dead letter the table has. It is partitioned by publish time and clustered by partner.

import { z } from 'zod'
import { DATASET } from '#contracts'
import type { PublishSpan } from './publish-span.ts'

type Letter = PublishSpan & { readonly id: string; readonly partners: readonly string[] }

export const recordedEvents = (params: Letter) => ({
  sql: `SELECT COUNT(DISTINCT message_id) AS events
FROM ${DATASET}.dead_letter
WHERE dead_letter_id = @id AND partner_id IN UNNEST(@partners)
  AND publish_time BETWEEN @oldest AND @newest`,
  params,
  row: z.object({ events: z.number() }),
})
