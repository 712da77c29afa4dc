// Shows a cost: a table with a row for each part, the target, and what was assumed.

import { drawBox } from '../output/box.ts'
import { assumptionsOf, count, usd } from './assumptions.ts'
import { type Cost, type CostPart, costPerMillion, smallestBatchBelow } from './cost-per-million.ts'
import { BRIDGES, type CostInputs } from './inputs.ts'
import type { Prices } from './prices.ts'

/** USD per million events, set for 1,000 events a second. */
export const TARGET = 1

export type Question = { readonly inputs: CostInputs; readonly prices: Prices }

/** The answer for a person. */
export function reportOf({ inputs, prices }: Question): string {
  const cost = costPerMillion(inputs, prices)
  const assumed = assumptionsOf(inputs, prices).map((line) => `- ${line}`)
  return [
    `${count(inputs.rate)} events/s, ${count(inputs.eventsPerBatch)} events a batch, list prices in USD`,
    partsTable(cost),
    verdictOf({ inputs, prices }, cost),
    ['Assumed:', ...assumed].join('\n'),
    'Every price, its source and its date: cli/cost/prices.ts.',
  ].join('\n\n')
}

/** The same as one JSON object. */
export function jsonOf({ inputs, prices }: Question): string {
  const cost = costPerMillion(inputs, prices)
  return JSON.stringify(
    {
      ...cost,
      segment: 'not included',
      target: { usdPerMillion: TARGET, met: cost.usdPerMillion < TARGET },
      smallestBatchWithinTarget: smallestBatchBelow(TARGET, inputs, prices) ?? null,
      inputs,
      prices: prices.list,
      assumptions: assumptionsOf(inputs, prices),
    },
    null,
    2,
  )
}

/** A row for each rate. */
export function comparisonOf(questions: readonly Question[]): string {
  const head = ['events/s', 'events a batch', 'USD per million', 'USD a month']
  const rows = questions.map(({ inputs, prices }) => {
    const { usdPerMillion, usdPerMonth } = costPerMillion(inputs, prices)
    return [
      count(inputs.rate),
      count(inputs.eventsPerBatch),
      usd(usdPerMillion),
      money(usdPerMonth),
    ]
  })
  return tableOf(head, rows, 0)
}

function partsTable({ parts, usdPerMillion, usdPerMonth }: Cost): string {
  const head = [
    'part',
    'per million events',
    'list price',
    'USD per million',
    'USD a month',
    'share',
  ]
  const rows = [
    ...parts.map(partRow),
    ['Segment', '', 'by contract', 'not included', '', ''],
    ['total', '', '', usd(usdPerMillion), money(usdPerMonth), '100 %'],
  ]
  return tableOf(head, rows, 1)
}

function partRow({ name, quantity, unit, price, note, ...part }: CostPart): string[] {
  const each = `${price.usd.toLocaleString('en-US', { maximumSignificantDigits: 6 })} / ${price.per}`
  return [
    name,
    `${count(quantity)} ${unit}`,
    note ? `${each}, ${note}` : each,
    usd(part.usdPerMillion),
    money(part.usdPerMonth),
    `${(part.share * 100).toFixed(1)} %`,
  ]
}

/** @param words columns from the left that hold words; the others are numbers */
function tableOf(head: readonly string[], rows: readonly string[][], words: number): string {
  const aligns = head.map((_, column) => (column < words ? 'left' : 'right'))
  return drawBox(head, rows, aligns)
}

const money = (value: number) =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** Whether the target is met, and by which batches it is. */
function verdictOf({ inputs, prices }: Question, { usdPerMillion }: Cost): string {
  const verdict = usdPerMillion < TARGET ? 'meets' : 'misses'
  const batch = smallestBatchBelow(TARGET, inputs, prices)
  const needs =
    batch === undefined
      ? 'No batch the bridge can make meets it at this rate.'
      : `Batches of ${count(batch)} events or more meet it. ${lingerFor(batch, inputs.rate)}`
  return [
    `${verdict === 'meets' ? '✓' : '✗'} ${usd(usdPerMillion)} USD ${verdict} the target of less than ${TARGET} USD per million events (set for 1,000 events/s).`,
    `  ${needs}`,
  ].join('\n')
}

const MAX_LINGER_MS = 5000

/** A bridge's share of the rate fills a batch in this time. */
function lingerFor(batch: number, rate: number): string {
  const ms = Math.ceil((batch * BRIDGES * 1000) / rate)
  const linger = `With two bridges that is a BRIDGE_LINGER_MS of about ${count(ms)}`
  return ms <= MAX_LINGER_MS
    ? `${linger}.`
    : `${linger}, where ${count(MAX_LINGER_MS)} is the most: it needs fewer bridges, or more events.`
}
