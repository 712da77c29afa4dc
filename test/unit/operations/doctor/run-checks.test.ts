// What becomes of a check of the doctor: its state is that of its worst finding, and whatever it throws is one.

import { expect, test } from '@jest/globals'
import { TABLES } from '#contracts'
import { checkBigQueryPermissions } from '#operations/doctor/checks/bigquery-permissions'
import { describeFailure } from '#operations/doctor/describe-failure'
import {
  type CheckResult,
  type CheckState,
  error,
  type Report,
  warning,
} from '#operations/doctor/finding'
import { runChecks } from '#operations/doctor/run-checks'
import { type Site, UnreachableError } from '#operations/doctor/site'
import { PubSubError } from '#operations/pubsub-error'
import { BigQueryError } from '#warehouse/bigquery-error'
import { exitCodeOf, resultText } from '../../../../cli/doctor/run.ts'

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

const P = { GOOGLE_CLOUD_PROJECT: 'p' }

test.each([
  [new PubSubError('unreachable', P, new Error('no')), 'error', 'Start Pub/Sub there'],
  [new PubSubError('no_credentials', P, new Error('no')), 'error', 'Sign in'],
  [new PubSubError('not_permitted', P, new Error('no')), 'warning', 'roles/pubsub.viewer'],
  ...(
    [
      ['unreachable', 'error', 'Start BigQuery there'],
      ['no_credentials', 'error', 'Sign in'],
      ['not_permitted', 'warning', 'roles/bigquery.metadataViewer'],
      ['table_missing', 'error', 'npm run setup'],
      ['throttled', 'error', 'again later'],
      ['refused', 'error', 'Fix what the message says.'],
    ] as const
  ).map(
    ([code, severity, fix]) =>
      [
        new BigQueryError('no', { code, place: { projectId: 'p' }, fault: {} }),
        severity,
        fix,
      ] as const,
  ),
])('what a service says is told: %#', (failure, severity, fix) => {
  expect(describeFailure('a topic', failure)).toEqual({
    severity,
    where: 'a topic',
    what: expect.stringContaining(`(project p) could not be asked (${failure.code}): no`),
    fix: expect.stringContaining(fix),
  })
})

/** A BigQuery on which the account has these permissions on each table. */
const siteWith = (permissions: readonly string[], jobError?: Error): Site =>
  Object({
    config: {},
    bigquery: async () => ({
      projectId: 'p',
      dataset: () => ({ table: () => ({ testIamPermissions: async () => [{ permissions }] }) }),
      createQueryJob: async ({ dryRun }: { readonly dryRun: boolean }) => {
        expect(dryRun).toBe(true)
        if (jobError) throw jobError
      },
    }),
  })

const READ = 'bigquery.tables.getData'
const WRITE = 'bigquery.tables.updateData'

test('the worker must read and write every table, and run queries', async () => {
  const lacking = async (of: Site) => {
    const report = await checkBigQueryPermissions(of)
    if ('skipped' in report) throw new Error(report.skipped)
    const severities = new Set(report.findings.map(({ severity }) => severity))
    expect(severities.has('warning')).toBe(false)
    return report.findings.map(({ where, what }) => `${where}: ${/lacks ([\w.]+)/.exec(what)?.[1]}`)
  }
  const tables = TABLES.map(({ name }) => `table streaming.${name}`)
  expect(await lacking(siteWith([READ, WRITE]))).toEqual([])
  expect(await lacking(siteWith([READ]))).toEqual(tables.map((one) => `${one}: ${WRITE}`))
  expect(await lacking(siteWith([WRITE]))).toEqual(tables.map((one) => `${one}: ${READ}`))
  const denied = Object.assign(new Error('Access Denied'), { code: 403 })
  expect(await lacking(siteWith([READ, WRITE], denied))).toEqual([
    'the project: bigquery.jobs.create',
  ])
  const away = Object.assign(new Error('away'), { code: 503 })
  await expect(lacking(siteWith([READ, WRITE], away))).rejects.toMatchObject({
    code: 'unreachable',
  })
})

test('a local BigQuery has no permissions', async () => {
  const local: Site = Object({ config: { BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:1' } })
  expect(await checkBigQueryPermissions(local)).toEqual({
    seen: 'a local server has none',
    findings: [],
  })
})

const resultWith = (state: CheckState, findings: CheckResult['findings'] = []): CheckResult => ({
  check: `a check that is ${state}`,
  state,
  seen: 'a topic',
  findings,
})

test.each<[readonly CheckState[], number]>([
  [[], 0],
  [['ok', 'warning', 'skipped'], 0],
  [['ok', 'error', 'warning'], 1],
])('the exit code of checks that are %j is %d', (states, code) => {
  expect(exitCodeOf(states.map((state) => resultWith(state)))).toBe(code)
})

test('what is wrong is told with its fix, and then how much it is', () => {
  const results = [resultWith('error', [BAD, ODD]), resultWith('skipped'), resultWith('ok')]
  const text = resultText(results)
  expect(text).toMatch(/│ a check that is skipped │ skipped │ a topic │/)
  expect(text).toContain(
    '\nerror: a topic\n  It does not exist.\n  Fix: Make it.\nwarning: a topic\n',
  )
  expect(text).toMatch(/\n1 error, 1 warning, 1 of 3 checks skipped\.$/)
  expect(resultText([resultWith('ok')])).toMatch(/\n0 errors, 0 warnings\.$/)
})
