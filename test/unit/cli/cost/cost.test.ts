// `npm run cost`: what it reads, what it prints, and what it says where something is missing.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { UsageError } from '#runtime/errors'
import { batchOf } from '../../../../cli/cost/batch.ts'
import { type CostOptions, cost } from '../../../../cli/cost/cost.ts'
import { readMeasured } from '../../../../cli/cost/measured.ts'
import { createScratch } from '../../../support/scratch.ts'

const scratch = createScratch()
afterAll(() => scratch.remove())

/** Its numbers are plausible, not measured. */
const FIXTURE = 'test/fixtures/bench-results.json'

const options: CostOptions = {
  rate: 1000,
  retention: 7,
  publishBatch: 1,
  cancelled: 0,
  plan: 'developer',
  writer: 'storage-write',
  measured: FIXTURE,
}

async function fileOf(name: string, content: unknown): Promise<string> {
  const file = join(scratch.dir, name)
  await writeFile(file, JSON.stringify(content))
  return file
}

test('a person gets a row for each part, the verdict and what was assumed', async () => {
  const text = await cost(options)
  for (const part of ['Temporal actions', 'Pub/Sub publish', 'Compute, as used', 'Segment']) {
    expect(text).toContain(part)
  }
  expect(text).toMatch(/^✗ 8\.\d+ USD misses the target/m)
  expect(text).toContain('not included')
})

test('large batches meet the target', async () => {
  expect(await cost({ ...options, batch: 1000 })).toMatch(/^✓ 0\.\d+ USD meets the target/m)
})

test('a program gets the same as JSON, with the prices and where they come from', async () => {
  const answer: unknown = JSON.parse(await cost({ ...options, json: true }))
  expect(answer).toMatchObject({
    usdPerMillion: expect.any(Number),
    target: { usdPerMillion: 1, met: false },
    inputs: { rate: 1000, eventsPerBatch: 40 },
    prices: { temporalActions: { usd: 50, source: expect.any(String), date: expect.any(String) } },
  })
})

test('rates are compared in a row each', async () => {
  const rows = (await cost({ ...options, rates: [10, 10_000] })).split('\n')
  expect(rows.filter((row) => /│ +[\d,]+ │/.test(row))).toHaveLength(2)
})

test('own prices are read from a file', async () => {
  const prices = await fileOf('prices.json', { temporalActions: 0 })
  const answer: unknown = JSON.parse(await cost({ ...options, prices, json: true }))
  expect(answer).toMatchObject({
    parts: expect.arrayContaining([
      expect.objectContaining({ name: 'Temporal actions', usdPerMillion: 0 }),
    ]),
    prices: { temporalActions: { usd: 0, source: 'your price file' } },
  })
})

test('a price of no name is refused', async () => {
  const prices = await fileOf('wrong-prices.json', { temporalAction: 1 })
  const refused = cost({ ...options, prices })
  await expect(refused).rejects.toThrow(UsageError)
  await expect(refused).rejects.toThrow('temporalActions')
})

test.each<[string, unknown]>([
  ['without the section', { growth: [] }],
  ['with a hole', { cost: { actionsPerBatch: 6 } }],
  ['with a rate that is none', { cost: { eventsPerBatch: { fast: 1 } } }],
])('results %s ask for the benchmark, in one line', async (_name, content) => {
  const file = await fileOf('results.json', content)
  const reading = readMeasured(file)
  await expect(reading).rejects.toThrow(UsageError)
  await expect(reading).rejects.toThrow(/^[^\n]*run `npm run bench` first\.$/)
})

test('results that are not there ask for the benchmark', async () => {
  const reading = readMeasured(join(scratch.dir, 'none.json'))
  await expect(reading).rejects.toThrow(UsageError)
  await expect(reading).rejects.toThrow('run `npm run bench` first')
})

test.each([
  [1, 1],
  [40, 3],
  [300, 24],
  [320, 26],
  [1000, 80],
  [1_000_000, 2000],
])('a bridge that gathers %d events/s makes batches of %d', async (rate, events) => {
  expect(batchOf(await readMeasured(FIXTURE), rate)).toBe(events)
})

test('each column of the report is the one of its name', async () => {
  const { parts, usdPerMillion, usdPerMonth, segment } = JSON.parse(
    await cost({ ...options, json: true }),
  )
  expect(segment).toBe('not included')
  const text = await cost(options)
  const cellsOf = (line: string) => line.split('│').slice(1, -1)
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) => cellsOf(line).map((cell) => cell.trim()))
  expect(rows[0]).toEqual([
    'part',
    'per million events',
    'list price',
    'USD per million',
    'USD a month',
    'share',
  ])
  const units = {
    'Temporal actions': 'actions',
    'Temporal storage, retained': 'GBh',
    'Pub/Sub publish': 'TiB',
    'BigQuery Storage Write': 'GiB',
    'BigQuery look-ups of orders': 'TiB',
    'Compute, as used': 'vCPU-seconds',
  }
  for (const [name, unit] of Object.entries(units)) {
    const part = parts.find((one: { readonly name: string }) => one.name === name)
    const [, quantity = '', price = '', perMillion = '', perMonth = '', share = ''] =
      rows.find(([first]) => first === name) ?? []
    expect(part.unit).toBe(unit)
    expect(quantity.endsWith(` ${unit}`)).toBe(true)
    expect(Number.parseFloat(quantity.replaceAll(',', '')) / part.quantity).toBeCloseTo(1, 2)
    expect(Number.parseFloat(price) / part.price.usd).toBeCloseTo(1, 4)
    expect(price).toContain(` / ${part.price.per}`)
    expect(perMillion).toBe(part.usdPerMillion.toFixed(4))
    expect(Number(perMonth.replaceAll(',', ''))).toBeCloseTo(part.usdPerMonth, 1)
    expect(share).toBe(`${(part.share * 100).toFixed(1)} %`)
  }
  const total = rows.find(([first]) => first === 'total') ?? []
  expect(total[3]).toBe(usdPerMillion.toFixed(4))
  expect(Number(total[4]?.replaceAll(',', ''))).toBeCloseTo(usdPerMonth, 1)
  expect(text).toContain('the target of less than 1 USD per million events')
})

test('the linger that a batch needs is told for two bridges, and where it is too long', async () => {
  const [, batch = '', linger = ''] =
    /Batches of ([\d,]+) events or more meet it\. With two bridges that is a BRIDGE_LINGER_MS of about ([\d,]+)\.$/m.exec(
      await cost(options),
    ) ?? []
  const numberOf = (text: string) => Number(text.replaceAll(',', ''))
  // Each of two bridges has half of 1,000 events a second.
  expect(numberOf(batch)).toBeGreaterThan(0)
  expect(numberOf(linger)).toBe(numberOf(batch) * 2)
})
