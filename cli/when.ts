// Options of commander that are points in time.

import { InvalidArgumentError } from 'commander'
import { parseWhen } from '#operations/when'

export const WHEN_HELP = '30m, 12h, 7d or 2w ago, a date, or an RFC 3339 time with its offset'

/**
 * For options of commander. A date alone is its midnight in UTC.
 * @throws InvalidArgumentError where `text` is neither, or names a day or a time that does not exist
 */
export function when(text: string): Date {
  const time = parseWhen(text)
  if (time) return time
  throw new InvalidArgumentError(`It must be ${WHEN_HELP}.`)
}
