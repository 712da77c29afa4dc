// The keys of a partner registry, as they are written in the file.

import { isMap, isScalar, type Scalar } from 'yaml'
import { trimmed } from '#contracts/event/trim'

export type KeyProblem = {
  /** Where the key begins in the text. */
  readonly offset: number
  readonly what: string
}

/** The registry has sections in sections down to the categories of consent. */
const MAX_LEVELS = 5

/**
 * Gives every key the text that it is written as, without white space around it: YAML alone takes the partner `007` for the
 * number 7. Linear. Changes the keys of `node`.
 * @returns the keys that are no text, that no object can hold, or that their section has twice
 */
export function readKeys(node: unknown, level = 0): KeyProblem[] {
  if (!isMap(node) || level === MAX_LEVELS) return []
  const names = new Set<string>()
  const problems: KeyProblem[] = []
  for (const { key, value } of node.items) {
    const what = isScalar(key) ? readKey(key, names) : 'a key must be a text'
    if (what !== null) problems.push({ offset: offsetOf(key), what })
    problems.push(...readKeys(value, level + 1))
  }
  return problems
}

/** What is wrong with the key; null where nothing is. */
function readKey(key: Scalar, names: Set<string>): string | null {
  const name = trimmed(typeof key.value === 'string' ? key.value : (key.source ?? ''))
  key.value = name
  if (name === '__proto__') return '__proto__ cannot be a key'
  if (names.has(name)) return `Map keys must be unique: ${name} is there twice`
  names.add(name)
  return null
}

function offsetOf(key: unknown): number {
  const range = typeof key === 'object' && key !== null && 'range' in key ? key.range : null
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0
}
