// The alert rules that are delivered: each is about metrics that there are, has a test of promtool, and is in the runbook.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { BURNS, OBJECTIVES } from '../../../deploy/prometheus/objectives.ts'
import { unknownNames } from '../../support/known-metrics.ts'
import { sectionsOf } from '../../support/runbook.ts'

const FOLDER = 'deploy/prometheus'

const rule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
  annotations: z.strictObject({
    summary: z.string().endsWith('.'),
    description: z.string().endsWith('.'),
    runbook: z.templateLiteral(['docs/runbook.md#', z.string()]),
  }),
})
const file = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })),
})
const rules = file
  .parse(parse(readFileSync(`${FOLDER}/rules.yml`, 'utf8')))
  .groups.flatMap((group) => group.rules)

test('Prometheus loads them', () => {
  const config: unknown = parse(readFileSync(`${FOLDER}/prometheus.yml`, 'utf8'))
  expect(config).toMatchObject({ rule_files: ['rules.yml'] })
})

test('no two have the same name', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
})

test('each objective has four windows, by the factors of the SRE workbook', () => {
  const burns = rules.filter(({ alert }) => alert.includes('SloBurn'))
  expect(burns).toHaveLength(OBJECTIVES.length * BURNS.length)
  expect(BURNS.map(({ factor, long, short }) => [factor, long, short])).toEqual([
    [14.4, '1h', '5m'],
    [6, '6h', '30m'],
    [3, '1d', '2h'],
    [1, '3d', '6h'],
  ])
})

test.each(rules)('$alert is about metrics and labels that there are', ({ expr }) => {
  expect(unknownNames(expr)).toEqual([])
})

const sections = sectionsOf(readFileSync('docs/runbook.md', 'utf8'))

test.each(rules)(
  '$alert leads to a part of the runbook that names it and gives a command',
  (one) => {
    const anchor = one.annotations.runbook.replace('docs/runbook.md#', '')
    const section = sections.find((each) => each.anchor === anchor)
    expect(section?.text).toMatch(/^(npm|node|docker|gcloud|curl|kubectl|temporal) /m)
    expect(`${section?.title} ${section?.text}`).toContain(one.alert)
  },
)

const testFiles = readdirSync(FOLDER).filter((name) => name.endsWith('.test.yml'))
const scenarios = testFiles.map((name) => readFileSync(join(FOLDER, name), 'utf8')).join('\n')

test.each(rules)('$alert fires in a test of promtool', ({ alert, labels }) => {
  expect(scenarios).toContain(`alertname="${alert}", severity="${labels.severity}"`)
})

/** What an alert says of amounts and times, how long it waits, and the numbers and windows that it measures by. */
const MEASURED: readonly (readonly [alert: string, says: string, waits: string, by: string])[] = [
  ['BridgeGone', 'No bridge runs.', '2m', ''],
  ['WorkerGone', 'No worker runs.', '2m', ''],
  ['ProcessDown', 'does not answer Prometheus', '5m', '== 0'],
  ['ProcessNotReady', 'for five minutes', '5m', '== 0'],
  ['ActivityThreadRestarts', 'A worker replaced an activity thread', '', '[15m] > 0'],
  ['NothingWritten', 'no row is written', '5m', '[10m] > 0 [10m] == 0'],
  [
    'BacklogGrowing',
    'More than 10,000 messages wait, and 5,000 more than half an hour ago',
    '10m',
    '> 10000 offset 30m > 5000',
  ],
  ['BridgePaused', 'for more than half of the time', '15m', '[15m] > 0.5'],
  ['MessagesInDeadLetterTopic', 'published messages to the dead-letter topic', '', '[15m] > 0'],
  [
    'DeadLettersGrowing',
    'More than 100 dead letters were opened in an hour',
    '10m',
    'offset 1h > 100',
  ],
  ['DeadLettersOpen', 'for twelve hours', '12h', '> 0'],
  ['StagingRefused', 'BigQuery refuses rows', '', '[15m] > 0'],
  ['SweepNotRunning', 'for half an hour', '5m', '[1h] > 1800 [1h]'],
  ['LedgerUnaccounted', 'Acknowledged events are unaccounted for', '15m', '> 0'],
  ['ReceiptsDisagree', 'are missing in the audit log', '', '> 0'],
  ['DeadLettersDisagree', 'disagree on what is open', '30m', '> 0'],
  ['ActivationBreakerOpen', 'Segment is unavailable', '10m', '[10m] > 0'],
  ['ActivationThrottled', 'again and again', '', '[30m] > 5'],
  [
    'PartnerSilent',
    'for a day. The label partner names it. The alert ends after three days',
    '15m',
    '[3d] > 86400',
  ],
  ['PartnerRegistryRefused', 'was refused', '', '[15m] > 0'],
]

const MEASURE = /\[\w+\]|offset \w+|[<>=]=? [\d.]+/g

test.each(MEASURED)('%s says %j, and measures that', (name, says, waits, by) => {
  const one = rules.find(({ alert }) => alert === name)
  expect(`${one?.annotations.summary} ${one?.annotations.description}`).toContain(says)
  expect(one?.for ?? '').toBe(waits)
  expect(one?.expr.match(MEASURE)?.join(' ') ?? '').toBe(by)
})

test('of every alert apart from those on error budgets, it is known what it measures', () => {
  const others = rules.map(({ alert }) => alert).filter((alert) => !alert.includes('SloBurn'))
  expect(MEASURED.map(([alert]) => alert).toSorted()).toEqual(others.toSorted())
})

test.each(OBJECTIVES)('$title: the target, and the limits of its alerts, are those', (one) => {
  expect(Number.parseFloat(one.title) / 100).toBeCloseTo(one.target, 10)
  for (const { factor, long, short, severity } of BURNS) {
    const burning = rules.find(({ alert }) => alert === `${one.alert}${long}`)
    const limit = ` > ${Number((factor * (1 - one.target)).toFixed(6))})`
    const [, ...ends] = burning?.expr.split(limit) ?? []
    expect(ends).toEqual([expect.stringContaining(` and (`), ''])
    expect([burning?.expr.includes(`[${long}`), burning?.expr.includes(`[${short}`)]).toEqual([
      true,
      true,
    ])
    expect(burning?.labels).toEqual({ severity })
  }
})

const HOURS = { '1h': 1, '6h': 6, '1d': 24, '3d': 72 } as const

test.each(BURNS)('a burn $factor times as fast for $long is $spent of 30 days', (burn) => {
  const share = (burn.factor * HOURS[burn.long]) / (30 * 24)
  expect(Number.parseFloat(burn.spent) / 100).toBeCloseTo(share, 10)
  expect(burn.severity).toBe(burn.factor > 3 ? 'page' : 'ticket')
})
