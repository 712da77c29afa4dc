// One dead letter cannot be handled as asked; others can.

import { shortId } from './short-id.ts'

export class LetterError extends Error {
  override readonly name = 'LetterError'
  readonly exitCode = 2
  readonly letter: string
  /** What is wrong, and what to do: a sentence for a line that names the dead letter already. */
  readonly why: string

  constructor(id: string, why: string) {
    super(`${shortId(id)} (${id}): ${why} Nothing was redriven.`)
    this.letter = id
    this.why = why
  }
}
