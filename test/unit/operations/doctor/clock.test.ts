// A clock that is apart from a service's: from when on it is told, how severely, and in which direction.

import { expect, test } from '@jest/globals'
import { judgeSkew } from '#operations/doctor/checks/clock'

test.each([0, 4_999, -4_999])('%d ms are nothing', (ms) => {
  expect(judgeSkew('BigQuery', ms)).toEqual([])
})

test.each([
  [5_000, 'warning', '5 s ahead of'],
  [-5_000, 'warning', '5 s behind'],
  [59_999, 'warning', '60 s ahead of'],
  [60_000, 'error', '60 s ahead of'],
  [-90_000, 'error', '90 s behind'],
])('%d ms are: %s', (ms, severity, words) => {
  expect(judgeSkew('BigQuery', ms)).toMatchObject([
    { severity, what: `It is ${words} the clock of BigQuery.` },
  ])
})
