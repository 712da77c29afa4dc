// Which stack, and which project, a command works on.

import { expect, test } from '@jest/globals'
import { type Environment, isSomewhere, mergeEnvironments } from '../../../cli/environment.ts'

const running = {
  env: {
    PUBSUB_EMULATOR_HOST: '127.0.0.1:1',
    BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:2/bigquery/v2',
    GOOGLE_CLOUD_PROJECT: 'local',
  },
}
const both = ['PUBSUB_EMULATOR_HOST', 'BIGQUERY_EMULATOR_HOST'] as const

test("a running stack brings its project with it, whatever the shell's is", () => {
  const shell = { GOOGLE_CLOUD_PROJECT: 'theirs', PATH: '/bin' }
  expect(mergeEnvironments(shell, running, both)).toEqual({ ...running.env, PATH: '/bin' })
})

test('a part the shell names itself is in the project the shell names', () => {
  const shell = { GOOGLE_CLOUD_PROJECT: 'theirs', PUBSUB_EMULATOR_HOST: 'elsewhere:8085' }
  expect(mergeEnvironments(shell, running, both)).toEqual({ ...running.env, ...shell })
  expect(mergeEnvironments(shell, running, ['PUBSUB_EMULATOR_HOST'])).toMatchObject(shell)
  expect(mergeEnvironments(shell, running, ['BIGQUERY_EMULATOR_HOST'])).toMatchObject({
    GOOGLE_CLOUD_PROJECT: 'local',
  })
})

test("the shell may name the running stack's own part", () => {
  const { PUBSUB_EMULATOR_HOST } = running.env
  const shell = { GOOGLE_CLOUD_PROJECT: 'theirs', PUBSUB_EMULATOR_HOST }
  expect(mergeEnvironments(shell, running, both)).toEqual(running.env)
})

test('an empty variable counts as unset', () => {
  const shell = { PUBSUB_EMULATOR_HOST: '', GOOGLE_CLOUD_PROJECT: '' }
  expect(mergeEnvironments(shell, running, both)).toEqual(running.env)
  expect(mergeEnvironments(shell, undefined, both)).toEqual({})
})

test('the keys of payloads go with the Temporal that holds them', () => {
  const stack = { env: { TEMPORAL_ADDRESS: '127.0.0.1:3', PAYLOAD_KEYS: 'local:x' } }
  const keysWith = (shell: Environment, of: { env: Record<string, string> } = stack) =>
    mergeEnvironments(shell, of, both)['PAYLOAD_KEYS']
  expect(keysWith({})).toBe('local:x')
  expect(keysWith({ PAYLOAD_KEYS: 'theirs:y' })).toBe('local:x')
  expect(keysWith({ TEMPORAL_ADDRESS: '127.0.0.1:3', PAYLOAD_KEYS: 'theirs:y' })).toBe('local:x')
  expect(keysWith({ TEMPORAL_ADDRESS: 'theirs:7233', PAYLOAD_KEYS: 'theirs:y' })).toBe('theirs:y')
  expect(keysWith({ TEMPORAL_ADDRESS: 'theirs:7233' })).toBe('')
  expect(keysWith({ PAYLOAD_KEYS: 'theirs:y' }, running)).toBe('')
  expect(keysWith({}, running)).toBeUndefined()
})

test.each<[Environment, boolean]>([
  [{}, false],
  [{ GOOGLE_CLOUD_PROJECT: 'theirs' }, true],
  [{ PUBSUB_EMULATOR_HOST: '127.0.0.1:1' }, true],
  [{ BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:2' }, false],
])('with %j there is a Pub/Sub: %j', (environment, expected) => {
  expect(isSomewhere(environment, 'PUBSUB_EMULATOR_HOST')).toBe(expected)
})
