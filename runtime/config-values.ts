// Schemas for the values of configuration variables, each with the message for a value that does not match.

import { z } from 'zod'

export function between(min: number, max: number) {
  const must = `must be a whole number from ${min} to ${max}`
  return z.coerce.number(must).int(must).min(min, must).max(max, must)
}

export const whole = (standard: number, min: number, max: number) =>
  between(min, max).default(standard)

/** A number from 0 to 1. */
export function share(standard: number) {
  const must = 'must be a number from 0 to 1'
  return z.coerce.number(must).min(0, must).max(1, must).default(standard)
}

export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, `must be one of ${words.join(', ')}`)

export const hostAndPort = z
  .string()
  .regex(/^[^:]+:\d+$/, 'must be host:port, such as 127.0.0.1:9464')

export const url = (example: string) => z.url(`must be a URL, such as ${example}`)
