// Schemas for the values of configuration variables, each with the message for a value that does not match.

import { z } from 'zod'

export function between(min: number, max: number) {
  const must = `must be a whole number from ${min} to ${max}`
  return z.coerce.number(must).int(must).min(min, must).max(max, must)
}

export const whole = (standard: number, min: number, max: number) =>
  between(min, max).default(standard)

export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, `must be one of ${words.join(', ')}`)

export const hostAndPort = z
  .string()
  .regex(/^[^:]+:\d+$/, 'must be host:port, such as 127.0.0.1:9464')

export const url = (example: string) => z.url(`must be a URL, such as ${example}`)

const PUBLIC_API = 'https://api.segmentapis.com'

/** The variables of Segment's Public API, which only workers and administration need. */
export const publicApi = {
  SEGMENT_PUBLIC_API_HOST: url(PUBLIC_API).default(PUBLIC_API),
  SEGMENT_PUBLIC_API_TOKEN: z.string().min(1).optional(),
}
