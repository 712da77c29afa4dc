// The search attributes of the workflows on Temporal, each defined once. Never personal data: Temporal does not encrypt them.

import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'

/** SQL visibility has ten columns for Keyword and three for KeywordList. */
export const ATTRIBUTE_KEY = {
  partnerId: defineSearchAttributeKey('PartnerId', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD),
  reason: defineSearchAttributeKey('Reason', SearchAttributeType.KEYWORD_LIST),
  eventType: defineSearchAttributeKey('EventType', SearchAttributeType.KEYWORD_LIST),
  eventCount: defineSearchAttributeKey('EventCount', SearchAttributeType.INT),
  oldestEventAt: defineSearchAttributeKey('OldestEventAt', SearchAttributeType.DATETIME),
  batchId: defineSearchAttributeKey('BatchId', SearchAttributeType.KEYWORD),
} as const

type Key = (typeof ATTRIBUTE_KEY)[keyof typeof ATTRIBUTE_KEY]

/** The type of each search attribute by the name that Temporal, its UI and its queries know it by. */
export const SEARCH_ATTRIBUTES: Readonly<Record<string, Key['type']>> = Object.fromEntries(
  Object.values(ATTRIBUTE_KEY).map(({ name, type }: Key) => [name, type]),
)
