// What Temporal's runtime is given: the logger of the process, which leaves whole tasks out, and the port of the metrics.

import { afterEach, expect, jest, test } from '@jest/globals'
import { type LogLevel, Runtime } from '@temporalio/worker'
import { traceIdOf } from '#contracts/trace'
import { installTelemetry } from '#runtime/telemetry'
import { recordingLog } from '../../support/recording-log.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

function installed(address?: string) {
  const install = jest.spyOn(Runtime, 'install').mockReturnValue(Object({}))
  const { log, lines } = recordingLog()
  installTelemetry('worker', log, address, ['SIGTERM'])
  const options = install.mock.calls[0]?.[0]
  return { options, logger: options?.logger, lines }
}

const workflowId = `batch-${'0a'.repeat(16)}`

test('a task that cannot be decoded is not logged, and what else is known of it is', () => {
  const { logger, lines } = installed()
  const secret = 'jane.doe@example.com'
  logger?.error('Failed to decode', { task: secret, taskEncoded: secret, workflowId, runId: 'r' })
  expect(JSON.stringify(lines)).not.toContain('jane')
  expect(lines).toMatchObject([
    { msg: 'Failed to decode', level: 50, workflowId, runId: 'r', traceId: traceIdOf(workflowId) },
  ])
})

test.each([
  ['TRACE', null],
  ['DEBUG', null],
  ['INFO', 30],
  ['WARN', 40],
  ['ERROR', 50],
] as const)('what the SDK logs at %s', (level: LogLevel, own) => {
  const { logger, lines } = installed()
  logger?.log(level, 'said')
  expect(lines.map((line) => line['level'])).toEqual(own === null ? [] : [own])
})

test('metrics have the name of the process, and no port where none is named', () => {
  expect(installed('127.0.0.1:9464').options).toMatchObject({
    shutdownSignals: ['SIGTERM'],
    telemetryOptions: {
      metrics: {
        prometheus: { bindAddress: '127.0.0.1:9464' },
        globalTags: { service: 'worker' },
      },
    },
  })
  jest.restoreAllMocks()
  expect(installed().options).not.toHaveProperty('telemetryOptions')
})
