// What a worker tells the SDK: how many tasks at once, how its end is waited for, and how soon a heartbeat is passed on.

import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { readConfig, workerConfig } from '#runtime/config'
import {
  activationWorkerOptions,
  alertOptions,
  publicApiAddress,
  workerOptions,
} from '../../../workers/options.ts'

const config = readConfig(workerConfig, {
  GOOGLE_CLOUD_PROJECT: 'a-project',
  SEGMENT_WRITE_KEY: 'key',
  TEMPORAL_TASK_QUEUE: 'queue',
  WORKFLOW_BUNDLE: 'bundle.js',
  WORKER_MAX_ACTIVITIES: '7',
  WORKER_MAX_WORKFLOW_TASKS: '8',
  WORKER_MAX_CACHED_WORKFLOWS: '9',
  WORKER_SHUTDOWN_GRACE_SECONDS: '10',
})

const SHARED = {
  maxConcurrentActivityTaskExecutions: 7,
  maxConcurrentWorkflowTaskExecutions: 8,
  maxCachedWorkflows: 9,
  shutdownGraceTime: '10 seconds',
  // An activity beats every five seconds, and Temporal waits for twenty: none may be held back for longer.
  maxHeartbeatThrottleInterval: '5 seconds',
  interceptors: { activity: [expect.any(Function)] },
}

test('the worker of the workflows has the numbers of its configuration', () => {
  expect(workerOptions(config)).toEqual({
    ...SHARED,
    taskQueue: 'queue',
    workflowBundle: { codePath: 'bundle.js' },
  })
})

test('the worker of the activation queue has the same, three times the activities, and no workflows', () => {
  expect(activationWorkerOptions(config)).toEqual({
    ...SHARED,
    taskQueue: 'queue-activation',
    maxConcurrentActivityTaskExecutions: 21,
  })
})

const NEEDED = { GOOGLE_CLOUD_PROJECT: 'a-project', SEGMENT_WRITE_KEY: 'key' }

test('without a bundle the workflows are those of the sources', () => {
  const options = workerOptions(readConfig(workerConfig, NEEDED))
  expect(options).not.toHaveProperty('workflowBundle')
  expect(options.workflowsPath).toMatch(/\/workflows\/index\.ts$/)
  expect(existsSync(options.workflowsPath ?? '')).toBe(true)
  expect(options).not.toHaveProperty('workerDeploymentOptions')
})

test('alerts and the deletion of a person have the variables that are named after them', () => {
  const own = readConfig(workerConfig, {
    ...NEEDED,
    ALERT_WEBHOOK_URL: 'https://hooks.example.com/1',
    ALERT_THRESHOLD_EVENTS: '3',
    ALERT_INTERVAL_MINUTES: '4',
    SEGMENT_PUBLIC_API_HOST: 'https://eu1.api.segmentapis.com',
    SEGMENT_PUBLIC_API_TOKEN: 'token',
  })
  expect(alertOptions(own)).toEqual({
    webhookUrl: 'https://hooks.example.com/1',
    thresholdEvents: 3,
    intervalMinutes: 4,
  })
  expect(publicApiAddress(own)).toEqual({ host: 'https://eu1.api.segmentapis.com', token: 'token' })
  expect(publicApiAddress(config)).toBeNull()
})

test('both have the version of their deployment where it is named', () => {
  const version = { deploymentName: 'car-events', buildId: 'b1' }
  const versioned = readConfig(workerConfig, {
    GOOGLE_CLOUD_PROJECT: 'a-project',
    SEGMENT_WRITE_KEY: 'key',
    TEMPORAL_DEPLOYMENT_NAME: version.deploymentName,
    TEMPORAL_WORKER_BUILD_ID: version.buildId,
  })
  for (const options of [workerOptions(versioned), activationWorkerOptions(versioned)])
    expect(options.workerDeploymentOptions).toEqual({
      version,
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    })
})
