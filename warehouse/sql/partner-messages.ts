// How many messages a partner sent in a period. What was published again by a redrive is not the partner's.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { IS_PARTNERS, inPeriod, type PartnerPeriod, periodParams } from './partner-period.ts'

export const partnerMessages = (of: PartnerPeriod) => ({
  sql: `SELECT COUNT(*) AS received FROM (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.audit_log
  WHERE partner_id = @partner AND part = 0 AND ${IS_PARTNERS} ${inPeriod(of)})`,
  params: periodParams(of),
  row: z.object({ received: z.number() }),
})
