// An operation as a person meets it: what it throws is worded as the commands word it.

import { explainError } from '../../cli/explain-error.ts'

/** @throws the command's error in place of the operation's */
export async function worded<T>(operation: () => T | Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw explainError(error)
  }
}
