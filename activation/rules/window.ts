// The time for which Google Ads takes an event. Pure.

import type { CarEvent } from '#contracts/event/parse'
import { ADS_WINDOW_DAYS } from '#contracts/limits'

const DAY_MS = 24 * 60 * 60 * 1000

/** @param publishTime when the message was published: the age of the event is measured from it, so that a retry decides the same */
export function isTooOld(
  { type, timestamp }: Pick<CarEvent, 'type' | 'timestamp'>,
  publishTime: string,
): boolean {
  const age = Date.parse(publishTime) - Date.parse(timestamp)
  return age > ADS_WINDOW_DAYS[type] * DAY_MS
}
