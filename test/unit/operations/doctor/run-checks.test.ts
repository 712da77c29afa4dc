// What becomes of a check of the doctor: its state is that of its worst finding, and whatever it throws is one.

import { expect, test } from '@jest/globals'
import { error, type Report, warning } from '#operations/doctor/finding'
import { runChecks } from '#operations/doctor/run-checks'
import { type Site, UnreachableError } from '#operations/doctor/site'

const site: Site = Object({})
const BAD = error('a topic', 'It does not exist.', 'Make it.')
const ODD = warning('a topic', 'It is in http://me:secret@host/.', 'Move it.')

const resultOf = async (run: () => Promise<Report>, limitMs?: number) => {
  const [result] = await runChecks([{ name: 'a check', run }], site, limitMs)
  return result
}

test.each([
  [[], 'ok'],
  [[ODD], 'warning'],
  [[BAD], 'error'],
  [[ODD, BAD], 'error'],
  [[BAD, ODD], 'error'],
] as const)('the findings %j make it: %s', async (findings, state) => {
  const result = await resultOf(async () => ({ seen: 'a topic', findings }))
  expect(result).toMatchObject({ check: 'a check', state, seen: 'a topic' })
  expect(result?.findings.map(({ severity }) => severity)).toEqual(
    findings.map(({ severity }) => severity),
  )
  expect(JSON.stringify(result)).not.toContain('secret')
})

test('what a check throws is an error, unless another check tells of the service', async () => {
  expect(await resultOf(() => Promise.reject(new Error('no such topic')))).toMatchObject({
    state: 'error',
    findings: [{ where: 'a check', what: 'The check failed: no such topic' }],
  })
  const unreachable = new UnreachableError('Temporal does not answer at http://me:secret@host')
  expect(await resultOf(() => Promise.reject(unreachable))).toEqual({
    check: 'a check',
    state: 'skipped',
    seen: 'Temporal does not answer at http://host',
    findings: [],
  })
})

test('a check that does not end is an error, and the others have their results in order', async () => {
  const never = { name: 'never', run: () => new Promise<Report>(() => {}) }
  const fine = { name: 'fine', run: async () => ({ seen: 'all', findings: [] }) }
  expect(await runChecks([never, fine], site, 20)).toMatchObject([
    { check: 'never', state: 'error', findings: [{ what: 'There was no answer within 0.02 s.' }] },
    { check: 'fine', state: 'ok' },
  ])
})
