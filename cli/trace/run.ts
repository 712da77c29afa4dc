// `npm run trace`: reads a trace and prints it.

import { visibleInLine } from '#contracts/visible'
import { reachTemporal } from '#operations/trace/runs'
import { trace } from '#operations/trace/trace'
import { wallClock } from '#runtime/clock'
import { print } from '../output/print.ts'
import { withBigQuery } from '../reach-bigquery.ts'
import { printed } from './print.ts'
import { type Traced, worded } from './wording.ts'

export type TraceOptions = { partner?: string; since?: Date; json?: boolean }

/**
 * Prints the traces, or why there are none.
 * @returns the exit code: 0 found, 1 not found
 * @throws UsageError where there is no BigQuery to ask
 */
export async function runTrace(
  id: string,
  { partner, since, json }: TraceOptions,
): Promise<number> {
  return withBigQuery(async (read) => {
    const temporal = reachTemporal()
    try {
      const result = await trace(read, temporal, { id, partner, since })
      const traced = worded(result, wallClock().toISOString().replace('Z', '000Z'))
      print(json ? JSON.stringify(traced, null, 2) : text(traced))
      return traced.found ? 0 : 1
    } finally {
      await temporal.close()
    }
  })
}

const text = ({ traces, notes }: Traced) =>
  [...traces.map(printed), ...notes.map(visibleInLine)].filter((part) => part !== '').join('\n\n')
