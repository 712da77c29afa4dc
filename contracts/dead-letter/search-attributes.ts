// The values of the search attributes by which Temporal finds a dead letter; never personal data.

import type { SearchAttributePair } from '@temporalio/common'
import { type DeadLetter, isShared } from '../batch.ts'
import { SEVERAL_PARTNERS } from '../names.ts'
import { publicPartner } from '../public-partner.ts'
import { ATTRIBUTE_KEY } from '../search-attributes.ts'
import { visibleInLine } from '../visible.ts'
import { reasonAttribute } from './vocabulary.ts'

/** The search attributes with which any run of the dead letter is started. Pure. */
export function deadLetterAttributes(letter: DeadLetter): SearchAttributePair[] {
  const { events } = letter
  const types = events.map((event) => event.eventType ?? 'unknown')
  const oldest = Math.min(...events.map((event) => Date.parse(event.publishTime)))
  return [
    { key: ATTRIBUTE_KEY.partnerId, value: partnerAttribute(letter) },
    { key: ATTRIBUTE_KEY.stage, value: letter.stage },
    { key: ATTRIBUTE_KEY.reason, value: reasonAttribute(events) },
    { key: ATTRIBUTE_KEY.eventType, value: [...new Set(types)] },
    { key: ATTRIBUTE_KEY.eventCount, value: letter.messages ?? events.length },
    { key: ATTRIBUTE_KEY.oldestEventAt, value: new Date(oldest) },
    { key: ATTRIBUTE_KEY.batchId, value: letter.batchId },
  ]
}

/** SQL visibility has a column of 255 characters. */
const MAX_KEYWORD = 255

const partnerAttribute = (letter: DeadLetter) =>
  isShared(letter)
    ? SEVERAL_PARTNERS
    : visibleInLine(publicPartner(letter.partnerId)).slice(0, MAX_KEYWORD).toWellFormed()
