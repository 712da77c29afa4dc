// BigQuery's silence is told from everything else that may go wrong while it is in use.

import { expect, test } from '@jest/globals'
import { BigQueryError, explainBigQuery } from '#operations/google'
import { UsageError } from '#runtime/errors'
import { UnexpectedAnswerError } from '#warehouse/answer'

const explained = (error: unknown) => explainBigQuery(error, { GOOGLE_CLOUD_PROJECT: 'p' })
const coded = (message: string, code: unknown) => Object.assign(new Error(message), { code })

test.each(
  [
    coded('request failed, reason: ', 'ECONNREFUSED'),
    coded('request failed, reason: getaddrinfo', 'ENOTFOUND'),
    coded('The service is away', 503),
    new Error('network timeout at: https://bigquery.googleapis.com'),
    new Error('socket hang up'),
  ].map((error) => [error.message, error] as const),
)('BigQuery does not answer: %s', (_message, error) => {
  const told = explained(error)
  expect(told).toBeInstanceOf(BigQueryError)
  expect(String(told)).toContain('BigQuery does not answer (project p)')
})

test('an answer that is not BigQuery’s is told, and where it came from without a password', () => {
  const error = new UnexpectedAnswerError('text/html came instead', { statusCode: 200 }, '<p>')
  const address = {
    GOOGLE_CLOUD_PROJECT: 'p',
    BIGQUERY_EMULATOR_HOST: 'http://user:swordfish@host/bigquery/v2',
  }
  const told = explainBigQuery(error, address)
  expect(told).toBeInstanceOf(BigQueryError)
  expect(told).toMatchObject({
    message: 'BigQuery (http://***@host/bigquery/v2) answered 200: text/html came instead.',
  })
})

test.each(
  [
    new UsageError('--timeout is wrong'),
    new TypeError('x is not a function'),
    coded('ENOENT: no such file', 'ENOENT'),
    coded('Syntax error', 400),
    coded('The local BigQuery does not support the statement SELEC.', 501),
  ].map((error) => [error.message, error] as const),
)('any other error stays what it is: %s', (_message, error) => {
  expect(explained(error)).toBe(error)
})
