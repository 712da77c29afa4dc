// What a resolution is limited to where it is not about all open events of its dead letter. Pure.

import { type Resolution, reasonAttribute } from '#contracts'
import type { OpenLetter } from './open-letters.ts'

/** Nothing where it is about all of them. */
export function limitedTo({ events, others = [] }: OpenLetter): Pick<Resolution, 'limitedTo'> {
  if (others.length === 0) return {}
  return {
    limitedTo: {
      messageIds: events.map(({ message_id }) => message_id),
      others: {
        events: others.length,
        stages: unique(others.map(({ stage }) => stage)),
        reasons: reasonAttribute(others),
        eventTypes: unique(others.map(({ type }) => type ?? 'unknown')),
      },
    },
  }
}

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]
