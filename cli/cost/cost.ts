// `npm run cost`: what the pipeline costs to run at list prices, from what `npm run bench` measured.

import { readFile } from 'node:fs/promises'
import { withoutMark } from '#operations/text-encoding'
import { UsageError } from '#runtime/errors'
import { batchOf } from './batch.ts'
import { BRIDGES, type CostInputs } from './inputs.ts'
import { type Measured, readMeasured } from './measured.ts'
import { LIST_PRICES, ownPrices, type Prices, withOwnPrices } from './prices.ts'
import { comparisonOf, jsonOf, type Question, reportOf } from './report.ts'

export type CostOptions = {
  readonly rate: number
  /** Compare these rates instead, in events a second. */
  readonly rates?: readonly number[]
  readonly retention: number
  readonly batch?: number
  readonly publishBatch: number
  readonly plan: CostInputs['plan']
  readonly fairness?: boolean
  readonly cancelled: number
  readonly writer: CostInputs['writer']
  readonly changeEvents?: number
  readonly prices?: string
  readonly measured: string
  readonly json?: boolean
}

/**
 * @returns what to print
 * @throws UsageError where nothing was measured, or the price file cannot be used
 */
export async function cost(options: CostOptions): Promise<string> {
  const measured = await readMeasured(options.measured)
  const prices = options.prices ? await readPrices(options.prices) : LIST_PRICES
  const ask = (rate: number): Question => ({ inputs: inputsOf(options, measured, rate), prices })
  if (options.rates) return comparisonOf(options.rates.map(ask))
  return options.json ? jsonOf(ask(options.rate)) : reportOf(ask(options.rate))
}

function inputsOf(options: CostOptions, measured: Measured, rate: number): CostInputs {
  return {
    rate,
    eventsPerBatch: options.batch ?? batchOf(measured, rate / BRIDGES),
    retentionDays: options.retention,
    plan: options.plan,
    fairness: options.fairness ?? false,
    writer: options.writer,
    messagesPerPublish: options.publishBatch,
    cancelledShare: options.cancelled,
    ...(options.changeEvents !== undefined && { changeEventSubscriptions: options.changeEvents }),
    measured,
  }
}

async function readPrices(file: string): Promise<Prices> {
  const parsed = ownPrices.safeParse(await readJson(file))
  if (parsed.success) return withOwnPrices(parsed.data)
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  throw new UsageError(`Cannot use the prices of ${file}: ${problems.join('; ')}`)
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(withoutMark(await readFile(file), file).toString('utf8'))
  } catch (error) {
    if (error instanceof UsageError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`Cannot read prices from ${file}: ${why}`)
  }
}
