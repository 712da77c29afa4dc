// The one way out of every command: nothing that was printed steers the terminal, whoever wrote it.

import { visible } from '#contracts/visible'

/** Prints a result on stdout, and ends the line. JSON text keeps its meaning. */
export function print(text: string): void {
  process.stdout.write(`${visible(text)}\n`)
}

/** Tells a person something on stderr, beside the result, and ends the line. */
export function tell(text: string): void {
  process.stderr.write(`${visible(text)}\n`)
}

/** What commander prints by itself: help, and what is wrong with the command line. */
export const COMMANDER_OUTPUT = {
  writeOut: (text: string) => void process.stdout.write(visible(text)),
  writeErr: (text: string) => void process.stderr.write(visible(text)),
}

/** Where a person watches the progress on stderr: bars may move the cursor there. */
export const progressStream = process.stderr

/** True where a person reads the results as they come. */
export const isWatched = (): boolean => process.stdout.isTTY

/** Who reads no further, such as `head`, has what it wanted. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}

/** A pipe takes some of a long answer at once, and the rest as it is read. */
export async function flushOutput(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(flushed))
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}
