// The alert rules that are delivered: each is about a metric that there is, and about a part of the runbook that there is.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { noopMetricMeter } from '@temporalio/common'
import { parse } from 'yaml'
import { z } from 'zod'
import { GOVERNOR_STATES } from '#contracts'
import { governorMetrics } from '#runtime/metrics'

const rule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
  annotations: z.strictObject({
    summary: z.string(),
    description: z.string(),
    runbook: z.templateLiteral(['docs/runbook.md#', z.string()]),
  }),
})
const file = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })),
})
const rules = file
  .parse(parse(readFileSync('deploy/prometheus/rules.yml', 'utf8')))
  .groups.flatMap((group) => group.rules)

test('Prometheus loads them', () => {
  const config: unknown = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8'))
  expect(config).toMatchObject({ rule_files: ['rules.yml'] })
  expect(rules.length).toBeGreaterThan(0)
})

test.each(rules)('$alert is about a state of the governor that is counted', ({ expr }) => {
  const { limitChanges } = governorMetrics(noopMetricMeter)
  const [, metric = '', state = ''] = /^sum\(increase\((\w+)\{state="(\w+)"\}/.exec(expr) ?? []
  expect([metric, GOVERNOR_STATES]).toEqual([limitChanges.name, expect.arrayContaining([state])])
})

test.each(rules)('$alert leads to a heading of the runbook', ({ annotations }) => {
  const anchors = readFileSync('docs/runbook.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    )
  expect(anchors).toContain(annotations.runbook.replace('docs/runbook.md#', ''))
})
