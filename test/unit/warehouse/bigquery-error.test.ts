// What can go wrong with BigQuery has one of a few codes, and each has words that a person can act on.

import { expect, test } from '@jest/globals'
import { UsageError } from '#runtime/errors'
import { UnexpectedAnswerError } from '#warehouse/answer'
import {
  BigQueryError,
  type BigQueryErrorCode,
  isConnectionLost,
  toBigQueryError,
} from '#warehouse/bigquery-error'
import { explainError } from '../../../cli/explain-error.ts'

const coded = (message: string, code: unknown, more: object = {}) =>
  Object.assign(new Error(message), { code, ...more })
const because = (reason: string) => ({ errors: [{ reason }] })
const toError = (error: unknown) => toBigQueryError(error, { projectId: 'p' })

const CASES: readonly (readonly [BigQueryErrorCode, Error])[] = [
  ['unreachable', coded('request failed, reason: ', 'ECONNREFUSED')],
  ['unreachable', coded('request failed, reason: getaddrinfo', 'ENOTFOUND')],
  ['unreachable', coded('The service is away', 503)],
  ['unreachable', new Error('network timeout at: https://bigquery.googleapis.com')],
  ['unreachable', new Error('socket hang up')],
  ['unreachable', new Error('request failed', { cause: coded('read', 'ECONNRESET') })],
  ['no_credentials', new Error('Could not load the default credentials. Browse to …')],
  ['no_credentials', coded('Invalid Credentials', 401)],
  ['not_permitted', coded('Access Denied: Project p', 403, because('accessDenied'))],
  ['throttled', coded('Exceeded rate limits', 403, because('rateLimitExceeded'))],
  ['throttled', coded('Quota exceeded', 403, because('quotaExceeded'))],
  ['throttled', coded('Exceeded rate limits', 403, because('jobRateLimitExceeded'))],
  ['throttled', coded('Too many requests', 429)],
  ['table_missing', coded('Not found: Table p:streaming.audit_log', 404)],
  ['not_an_answer', new UnexpectedAnswerError('text/html came', { statusCode: 200 }, '<p>')],
  ['refused', coded('Syntax error', 400, because('invalidQuery'))],
  ['refused', coded('The local BigQuery does not support the statement SELEC.', 501)],
  ['refused', new TypeError('x is not a function')],
  ['refused', coded('ENOENT: no such file', 'ENOENT')],
]

test.each(CASES)('%s: %p', (code, error) => {
  expect(toError(error)).toMatchObject({ name: 'BigQueryError', code, message: error.message })
})

const WORDS: Readonly<Record<BigQueryErrorCode, string>> = {
  unreachable: 'BigQuery does not answer (project p): try again',
  no_credentials: 'There are no credentials for the Google Cloud project p: sign in',
  not_permitted: 'Google refuses this in project p; another account, role or project may do',
  throttled: 'BigQuery (project p) refuses this for now, since a quota is exhausted',
  table_missing: '`npm run setup`',
  not_an_answer: 'BigQuery (project p) answered 200: text/html came.',
  unexpected_row: 'a row has another form',
  refused: '',
}
const USAGE: ReadonlySet<BigQueryErrorCode> = new Set(['no_credentials', 'not_permitted'])

test.each(CASES)('is worded: %s: %p', (code, error) => {
  const explained = explainError(toError(error))
  expect(String(explained)).toContain(WORDS[code])
  expect(String(explained)).toContain(error.message.trim())
  expect(explained instanceof UsageError).toBe(USAGE.has(code))
})

test.each(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH'.split(
    ' ',
  ),
)('%s is no answer, wherever the client puts it', (code) => {
  const said = [coded('failed', code), new Error(`failed: ${code}`)]
  const within = new Error('failed', { cause: coded('read', code) })
  for (const error of [...said, within])
    expect(toError(error)).toMatchObject({ code: 'unreachable', fault: { status: undefined } })
})

test('what is no error of a service is worded by whoever threw it', () => {
  for (const error of [new UsageError('--timeout is wrong'), new TypeError('ours'), 'text'])
    expect(explainError(error)).toBe(error)
})

test('an error stays the same error', () => {
  const error = toError(coded('Not found', 404))
  expect(toError(error)).toBe(error)
})

test('the place of an error has no password', () => {
  const error = new UnexpectedAnswerError('text/html came instead', { statusCode: 200 }, '<p>')
  const endpoint = 'http://user:swordfish@host/bigquery/v2'
  const told = toBigQueryError(error, { projectId: 'p', endpoint })
  expect(told.place).toEqual({ projectId: 'p', endpoint: 'http://***@host/bigquery/v2' })
  expect(explainError(told)).toMatchObject({
    message: 'BigQuery (http://***@host/bigquery/v2) answered 200: text/html came instead.',
  })
})

test('a connection is lost where there was no answer, and not where BigQuery is down', () => {
  const lost = [coded('', 'ECONNREFUSED'), new Error('socket hang up')]
  const others = [coded('away', 503), coded('Not found', 404), new TypeError('ours')]
  expect(lost.map(toError).map(isConnectionLost)).toEqual([true, true])
  expect(others.map(toError).map(isConnectionLost)).toEqual([false, false, false])
  expect(isConnectionLost(lost[0])).toBe(false)
  expect(toError(lost[0])).toBeInstanceOf(BigQueryError)
})
