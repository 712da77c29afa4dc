// What a person reads before a redrive: what would happen to each event, what cannot be sent, and that nothing was changed.

import { expect, jest, test } from '@jest/globals'
import type { Forecast, Preview } from '#operations/dead-letters/preview'
import { LetterRefusedError } from '#operations/errors'
import { printPreview } from '../../../../cli/dead-letters/preview.ts'

const forecast: Forecast = {
  dead_letter: '90ef359b',
  message: 'm1',
  stage: 'validation',
  changed: true,
  would: 'stage and activate',
  reasons: [],
}
const nothing: Preview = { forecasts: [], refusals: [], closedBefore: [], doneBefore: 0 }
const letter = 'dead-letter/batch-lost/nowhere-00000000/validation'
const refusals = [new LetterRefusedError('bytes_missing', { letter, messageId: 'lost' })]

function printed(preview: Preview, json = false) {
  const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
  const code = printPreview(preview, json)
  const [stdout, stderr] = [out, err].map(({ mock }) => mock.calls.map(([text]) => text).join(''))
  out.mockRestore()
  err.mockRestore()
  return { code, stdout: stdout ?? '', stderr }
}

test('each event has a line, and the sums say what would happen', () => {
  const again: Forecast = { ...forecast, would: 'reject again', reasons: ['order_id_empty'] }
  const { code, stdout } = printed({ ...nothing, forecasts: [forecast, again, forecast] })
  expect(code).toBe(0)
  expect(stdout).toMatch(/│ 90ef359b +│ m1 +│ validation │ stage and activate │ yes +│ /)
  expect(stdout).toMatch(
    /\nA redrive would stage and activate 2, reject again 1\. Nothing was changed\.\n$/,
  )
})

test('a dead letter that cannot be sent is told on stderr with its reason, and makes the exit code 1', () => {
  expect(printed({ ...nothing, refusals })).toEqual({
    code: 1,
    stdout: expect.stringMatching(
      /^1 dead letter cannot be sent: [0-9a-f]{8}\. Nothing was changed\.\n$/,
    ),
    stderr: expect.stringMatching(
      /^[0-9a-f]{8} \(dead-letter\/.*\): the bytes of message lost are neither in .* or discard the dead letter\. Nothing was redriven\.\n$/,
    ),
  })
  const { stdout } = printed({ ...nothing, forecasts: [forecast], refusals }, true)
  expect(JSON.parse(stdout)).toEqual([
    forecast,
    {
      dead_letter: expect.stringMatching(/^[0-9a-f]{8}$/),
      would: 'be refused',
      why: expect.stringMatching(/^the bytes of message lost/),
    },
  ])
})

test('what is closed, and edited events that were done before, are told', () => {
  expect(printed({ ...nothing, closedBefore: [letter], doneBefore: 2 }).stdout).toMatch(
    /^[0-9a-f]{8}: closed before\. 2 events of the file were done before\. Nothing was changed\.\n$/,
  )
})

test('where nothing matches, it says so', () => {
  expect(printed(nothing).stdout).toBe('No open dead letters match. Nothing was changed.\n')
})

test('of many events, a person reads fifty and the number of the others', () => {
  const forecasts = Array.from({ length: 53 }, () => forecast)
  expect(printed({ ...nothing, forecasts }).stdout).toContain('\n3 more: --json has all.\n')
})
