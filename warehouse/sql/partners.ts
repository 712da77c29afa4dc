// Who sent something in a period.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { inPeriod, type Period, timeParams } from './partner-period.ts'

/** At most 20 partners, in the order of their ids. */
export const partners = (of: Period) => ({
  sql: `SELECT DISTINCT partner_id FROM ${DATASET}.audit_log
WHERE TRUE ${inPeriod(of)} ORDER BY partner_id LIMIT 20`,
  params: timeParams(of),
  row: z.object({ partner_id: z.string() }),
})
