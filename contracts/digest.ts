// The digest from which ids are derived.

import { hash } from 'node:crypto'

/** 32 hexadecimal digits that stand for these words in this order: the beginning of a SHA-256. */
export function digest(words: readonly string[]): string {
  return hash('sha256', JSON.stringify(words), 'hex').slice(0, 32)
}
