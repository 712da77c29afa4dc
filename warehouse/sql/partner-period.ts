// The events of one partner, published in a period: conditions and parameters that several statements share.

import type { Params } from '../read.ts'

export type Period = {
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

export type PartnerPeriod = Period & { readonly partner: string }

/** An additional condition on the publish time; empty where the period has neither beginning nor end. */
export const inPeriod = ({ since, until }: Period): string =>
  `${since ? 'AND publish_time >= @since' : ''} ${until ? 'AND publish_time < @until' : ''}`

export const timeParams = ({ since, until }: Period): Params => ({
  ...(since && { since }),
  ...(until && { until }),
})

export const periodParams = (of: PartnerPeriod): Params => ({
  partner: of.partner,
  ...timeParams(of),
})

/** A message of the retry topic was published by the pipeline, not by the partner. */
export const IS_PARTNERS = "JSON_VALUE(attributes, '$.redrive_of') IS NULL"
