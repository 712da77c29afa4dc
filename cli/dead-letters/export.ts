// Writes the events of a dead letter as NDJSON to be edited, exactly as they are: a line each.

import { isUtf8 } from 'node:buffer'
import { writeFile } from 'node:fs/promises'
import { visible } from '#contracts/visible'
import { readEditable, writeExact } from '#operations/dead-letters/exact-json'
import { codeOf, oneLine } from '#operations/google'
import { UsageError } from '#runtime/errors'
import type { StoredEvent } from '#warehouse/sql/dead-letters'

/** Only its owner may read it: it holds what partners sent, personal data included. */
const MODE = 0o600

/** A line for each event, safe to look at on a terminal, which changes nothing of what its JSON says. Pure. */
export const ndjsonOf = (id: string, events: readonly StoredEvent[]): string =>
  visible(events.map((event) => lineOf(id, event)).join('\n'))

/** @throws UsageError where there is such a file: somebody may have edited it */
export async function exportEvents(
  file: string,
  id: string,
  events: readonly StoredEvent[],
): Promise<void> {
  try {
    await writeFile(file, `${ndjsonOf(id, events)}\n`, { mode: MODE, flag: 'wx' })
  } catch (error) {
    throw new UsageError(
      codeOf(error) === 'EEXIST'
        ? `${file} is there already: name another file, or remove it first.`
        : `${file} cannot be written, name another file: ${oneLine(error)}`,
    )
  }
}

/** Numbers keep their digits: the event stands in the line as JSON, not as our reading of it. */
function lineOf(id: string, event: StoredEvent): string {
  const { message_id, publish_time, stage, reasons, faults } = event
  const about = JSON.stringify({ dead_letter_id: id, message_id, publish_time })
  const why = JSON.stringify({ stage, reasons, faults })
  return `${about.slice(0, -1)},${bodyOf(event.data)},${why.slice(1)}`
}

function bodyOf(data: Buffer | null): string {
  if (data === null) return '"text":null'
  const object = readEditable(data)
  if (object !== null) return `"event":${writeExact(object)}`
  if (isUtf8(data)) return `"text":${JSON.stringify(data.toString('utf8'))}`
  return `"base64":${JSON.stringify(data.toString('base64'))}`
}
