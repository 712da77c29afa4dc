// Quotes the end of a log file, so that an error shows what the failed program itself said.

import { readFile } from 'node:fs/promises'

const QUOTED_LINES = 15

/** The last lines of a log, indented, under a line that names the file; never throws. */
export async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.trimEnd().split('\n').slice(-QUOTED_LINES)
  return `the log ${file} ends:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
