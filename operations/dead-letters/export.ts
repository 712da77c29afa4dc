// Events as lines to be edited: NDJSON that holds each exactly as it is. `readEditedEvents` takes them back.

import { isUtf8 } from 'node:buffer'
import { visible } from '#contracts/visible'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { readEditable, writeExact } from './exact-json.ts'

/** A line for each event, safe to look at on a terminal, which changes nothing of what its JSON says. Pure. */
export const exportLines = (id: string, events: readonly StoredEvent[]): string =>
  visible(events.map((event) => lineOf(id, event)).join('\n'))

/** Numbers keep their digits: the event stands in the line as its own JSON text. */
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
