/** Quotes the end of a log file, so that an error shows what the failed program itself said. */
import { readFile } from 'node:fs/promises'

const quotedLines = 15

/** The last lines of a log, indented, under a line that names the file; never throws. */
export const logTail = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.trimEnd().split('\n').slice(-quotedLines)
  return `the log ${file} ends:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
