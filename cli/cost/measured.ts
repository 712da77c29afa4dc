// What `npm run bench` measured, as far as a cost is computed from it.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { withoutMark } from '#operations/text-encoding'
import { UsageError } from '#runtime/errors'

const positive = z.number().positive()

const measuredCost = z.object({
  /** Billed actions of one batch: the start, every activity, its share of retries and dead letters. */
  actionsPerBatch: positive,
  /** Bytes of one batch's history, and the same by event: their ratio is the batch size it was measured at. */
  historyBytesPerBatch: positive,
  historyBytesPerEvent: positive,
  /** Bytes of a history that carries no event: what small batches pay again and again. 0 where it was not measured. */
  historyBytesPerEmptyBatch: z.number().nonnegative().default(0),
  /** Mean bytes of data and attributes of a message. */
  eventBytes: positive,
  /** Bytes written to BigQuery for one event, over all tables. */
  rowBytesPerEvent: positive,
  /** Mean events a batch, by mean events a second. */
  eventsPerBatch: z
    .record(z.string().regex(/^\d+(\.\d+)?$/, 'must be events a second'), positive)
    .refine((sizes) => Object.keys(sizes).length > 0, 'must have a rate'),
  /** CPU of bridge and worker together. */
  cpuSecondsPerMillionEvents: positive,
})

const results = z.object({ cost: measuredCost })

export type Measured = z.output<typeof measuredCost>

/**
 * @param file results of `npm run bench`
 * @throws UsageError where the file or its section `cost` is missing or not as it must be
 */
export async function readMeasured(file: string): Promise<Measured> {
  const parsed = results.safeParse(await readJson(file))
  if (parsed.success) return parsed.data.cost
  const [issue] = parsed.error.issues
  const where = issue ? `${issue.path.join('.')}: ${issue.message}` : 'it is not readable'
  throw new UsageError(`${file} cannot be used (${where}): run \`npm run bench\` first.`)
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(withoutMark(await readFile(file), file).toString('utf8'))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`There is nothing measured in ${file}: run \`npm run bench\` first.`)
  }
}
