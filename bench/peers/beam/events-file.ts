// Writes the benchmark's events as the Beam peer reads them: one message a line.

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { wallClock } from '#runtime/clock'
import { createEventPool } from '../../load/events.ts'

const PARTNERS = 5

/** Events numbered from 0, published now; the file is replaced. */
export async function writeEventsFile(path: string, count: number): Promise<void> {
  const pool = createEventPool(PARTNERS)
  const time = wallClock().toISOString()
  const file = createWriteStream(path)
  for (let number = 0; number < count; number++) {
    const { data, attributes } = pool.make({ number, sentAt: 0, group: 'b' })
    const line = JSON.stringify({ id: String(number), time, attributes, data: data.toString() })
    if (!file.write(`${line}\n`)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
}
