// Reads events of a file or of standard input: every line is a message, exactly as it stands.

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { UsageError } from '../environment.ts'
import type { Publishable } from './messages.ts'

/**
 * @param path an NDJSON file, or `-` for standard input; blank lines are skipped, bad JSON is published as it is
 * @throws UsageError where the file cannot be read
 */
export async function* readMessages(path: string): AsyncGenerator<Publishable> {
  const input = path === '-' ? process.stdin : await openFile(path)
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield { data: Buffer.from(line), attributes: {} }
  }
}

async function openFile(path: string) {
  const stream = createReadStream(path)
  try {
    await once(stream, 'open')
    return stream
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`Cannot read events from ${path}: ${why}`)
  }
}
