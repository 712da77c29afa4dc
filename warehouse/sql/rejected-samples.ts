// The newest rejected message of a partner for each reason, with its bytes.

import { z } from 'zod'
import { bytes } from './columns.ts'
import { periodParams } from './partner-period.ts'
import { type RejectedOf, rejectedSql } from './rejected.ts'
import { violations } from './violations.ts'

export const rejectedSamples = (of: RejectedOf) => ({
  sql: `${rejectedSql(of)}
SELECT reason, message_id, publish_time, order_id, data, faults
FROM counted CROSS JOIN UNNEST(reasons) AS reason
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY reason ORDER BY publish_time DESC, message_id) = 1`,
  params: periodParams(of),
  row: z.object({
    reason: z.string(),
    message_id: z.string(),
    publish_time: z.string(),
    order_id: z.string().nullable(),
    data: bytes.nullable(),
    faults: violations,
  }),
})
