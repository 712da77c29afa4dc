// What the bridge is run with: each variable where it belongs, and little for the messages that people publish again.

import { expect, test } from '@jest/globals'
import { bridgeConfig, readConfig } from '#runtime/config'
import {
  backlogEveryMs,
  gateOptions,
  liveOptions,
  retryOptions,
  subscriptionsOf,
} from '../../../bridge/options.ts'

const configWith = (own: Record<string, string>) =>
  readConfig(bridgeConfig, { GOOGLE_CLOUD_PROJECT: 'a-project', ...own })

const config = configWith({
  BRIDGE_PULLS: '3',
  BRIDGE_STARTS: '5',
  BRIDGE_BATCH_MAX_EVENTS: '7',
  BRIDGE_BATCH_MAX_BYTES: '2000',
  BRIDGE_LINGER_MS: '11',
  BRIDGE_MAX_OPEN_WORKFLOWS: '13',
  TEMPORAL_TASK_QUEUE: 'queue',
  PUBSUB_SUBSCRIPTION: 'live',
  PUBSUB_RETRY_SUBSCRIPTION: 'retries',
})

test('live traffic has what is configured, and retries one pull and one start at a time', () => {
  const batches = { maxEvents: 7, maxBytes: 2_000, lingerMs: 11 }
  expect(liveOptions(config)).toEqual({ ...batches, pulls: 3, starts: 5 })
  expect(retryOptions(config)).toEqual({ ...batches, pulls: 1, starts: 1 })
})

test('the cap counts the open workflows of the main task queue', () => {
  expect(gateOptions(config)).toEqual({ cap: 13, taskQueue: 'queue' })
})

test('the backlog of both subscriptions is told', () => {
  expect(subscriptionsOf(config)).toEqual(['live', 'retries'])
})

const LOCAL = { PUBSUB_EMULATOR_HOST: '127.0.0.1:8085' }
const STAND_IN = { MONITORING_EMULATOR_HOST: '127.0.0.1:8086' }

test.each([
  ['once a minute, as often as Cloud Monitoring has a value', {}, 60_000],
  ['not of a local Pub/Sub alone', LOCAL, null],
  ['every two seconds of a local stand-in', { ...LOCAL, ...STAND_IN }, 2_000],
  ['and of a stand-in for Cloud Monitoring alone as well', STAND_IN, 2_000],
])('the backlog is read %s', (_how, own, everyMs) => {
  expect(backlogEveryMs(configWith(own))).toBe(everyMs)
})
