// Prometheus' own tool tests the alerts: each burn of an error budget fires, a short fault does not, and so for each alert.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { hasPrometheus, NO_PROMETHEUS, promtool } from '../../support/prometheus.ts'

const FOLDER = 'deploy/prometheus'
const TEST_LIMIT_MS = 180_000

const withPromtool = hasPrometheus() ? describe : describe.skip
if (!hasPrometheus()) process.stderr.write(`test/long/deploy/promtool.test.ts: ${NO_PROMETHEUS}\n`)

withPromtool('promtool', () => {
  test('takes the configuration and the rules', () => {
    expect(promtool('check', 'config', `${FOLDER}/prometheus.yml`)).toMatchObject({ code: 0 })
  })

  test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.test.yml')))(
    'sees each alert fire and stay silent where %s says so',
    (name) => {
      const { code, output } = promtool('test', 'rules', join(FOLDER, name))
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('SUCCESS') })
    },
    TEST_LIMIT_MS,
  )
})
