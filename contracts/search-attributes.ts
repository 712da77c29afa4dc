// The search attributes by which Temporal finds a dead letter; never personal data.

import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
} from '@temporalio/common'
import {
  type DeadLetter,
  isShared,
  publicPartner,
  reasonAttribute,
  SEVERAL_PARTNERS,
  visibleInLine,
} from './index.ts'

const KEY = {
  partnerId: defineSearchAttributeKey('PartnerId', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD),
  reason: defineSearchAttributeKey('Reason', SearchAttributeType.KEYWORD_LIST),
  eventType: defineSearchAttributeKey('EventType', SearchAttributeType.KEYWORD_LIST),
  eventCount: defineSearchAttributeKey('EventCount', SearchAttributeType.INT),
  oldestEventAt: defineSearchAttributeKey('OldestEventAt', SearchAttributeType.DATETIME),
  batchId: defineSearchAttributeKey('BatchId', SearchAttributeType.KEYWORD),
}

/** For the start of any of its runs. Pure. */
export function deadLetterAttributes(letter: DeadLetter): SearchAttributePair[] {
  const { events } = letter
  const types = events.map((event) => event.eventType ?? 'unknown')
  const oldest = Math.min(...events.map((event) => Date.parse(event.publishTime)))
  return [
    { key: KEY.partnerId, value: partnerAttribute(letter) },
    { key: KEY.stage, value: letter.stage },
    { key: KEY.reason, value: reasonAttribute(events) },
    { key: KEY.eventType, value: [...new Set(types)] },
    { key: KEY.eventCount, value: letter.messages ?? events.length },
    { key: KEY.oldestEventAt, value: new Date(oldest) },
    { key: KEY.batchId, value: letter.batchId },
  ]
}

/** SQL visibility has a column of 255 characters. */
const MAX_KEYWORD = 255

const partnerAttribute = (letter: DeadLetter) =>
  isShared(letter)
    ? SEVERAL_PARTNERS
    : visibleInLine(publicPartner(letter.partnerId)).slice(0, MAX_KEYWORD)
