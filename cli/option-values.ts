// Reads the values of commander's options, and says what they must be.

import { InvalidArgumentError } from 'commander'
import { trimmed } from '#contracts/event/trim'
import { fromVisible } from '#contracts/visible'

/** An id as a person copies it: no id of an event has white space around it, and commands show `\u001b` for what is invisible. */
export const anId = (value: string): string => fromVisible(trimmed(value))

export function whole(value: string): number {
  if (!/^\d{1,9}$/.test(value) || Number(value) < 1) {
    throw new InvalidArgumentError('It must be a whole number above zero.')
  }
  return Number(value)
}

export function positive(value: string): number {
  const number = Number(value)
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above zero.')
  return number
}

export function share(value: string): number {
  const number = Number(value)
  if (value === '' || !(number >= 0 && number <= 1)) {
    throw new InvalidArgumentError('It must be a number from 0 to 1.')
  }
  return number
}
