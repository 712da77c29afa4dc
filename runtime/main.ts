// Runs the main function of a process: a thrown error becomes one clear message and an exit code.

import { maskText } from '#contracts'
import { visible } from '#contracts/visible'
import { withoutSecretsInText } from './secrets.ts'

/**
 * Runs a process's main function. A thrown error prints its message on stderr, and its causes' messages, without
 * e-mail addresses, phone numbers and the passwords of URLs. Characters that would control a terminal are escaped, because a
 * message may quote an event.
 * Exit code: the error's own `exitCode`, or else 1.
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    process.stderr.write(`${visible(messages(error).map(shown).join('\n  because: '))}\n`)
    process.exitCode = exitCode(error)
  }
}

const shown = (message: string) => maskText(withoutSecretsInText(message))

function messages(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  return error.cause === undefined ? [error.message] : [error.message, ...messages(error.cause)]
}

function exitCode(error: unknown): number {
  const hasCode = error instanceof Error && 'exitCode' in error
  return hasCode && typeof error.exitCode === 'number' ? error.exitCode : 1
}
