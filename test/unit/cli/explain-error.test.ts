// The exit code of a set-up that failed in several services: 2 where a person has to act on one of them.

import { expect, test } from '@jest/globals'
import { OperationError } from '#operations/errors'
import { PubSubError } from '#operations/pubsub-error'
import { SetupError, type SetupFailure } from '#operations/setup/setup-error'
import { UsageError } from '#runtime/errors'
import { explainError } from '../../../cli/explain-error.ts'

const ADDRESS = { GOOGLE_CLOUD_PROJECT: 'cars' }
const LOCAL = { ...ADDRESS, PUBSUB_EMULATOR_HOST: '127.0.0.1:1' }
const denied = new PubSubError('not_permitted', ADDRESS, new Error('denied'))
const broken = new Error('broken')

const explained = (failures: readonly SetupFailure[]) => explainError(new SetupError(failures, []))

test.each([
  [[{ service: 'Temporal', error: broken }], false],
  [[{ service: 'Pub/Sub', error: denied }], true],
  [
    [
      { service: 'Temporal', error: broken },
      { service: 'Pub/Sub', error: denied },
    ],
    true,
  ],
] as const)('the failures %#', (failures, isUsage) => {
  const error = explained(failures)
  expect(error instanceof UsageError).toBe(isUsage)
  for (const { service } of failures) expect(String(error)).toContain(`Not set up: ${service}.`)
})

test('services that fail for the same reason share a line', () => {
  const error = explained([
    { service: 'BigQuery', error: broken },
    { service: 'Temporal', error: broken },
  ])
  expect(String(error)).toBe('Error: Not set up: BigQuery, Temporal. broken')
})

test.each([
  [new PubSubError('unreachable', LOCAL, broken), 'does not answer at 127.0.0.1:1'],
  [new PubSubError('unreachable', ADDRESS, broken), 'is there a way to the internet?'],
  [
    new PubSubError('no_credentials', ADDRESS, broken),
    'no credentials for the Google Cloud project cars',
  ],
  [denied, 'Google refuses this in project cars'],
])('%s says what to do', (error, words) => {
  expect(explainError(error)).toBeInstanceOf(UsageError)
  expect(String(explainError(error))).toContain(words)
})

test.each([
  ['temporal_lost', 1],
  ['limits_unsupported', 2],
] as const)('the exit code of %s is %d', (code, exitCode) => {
  expect(explainError(new OperationError(code, {}))).toMatchObject({ exitCode })
})

test('an error of no operation stays itself', () => {
  expect(explainError(broken)).toBe(broken)
})
