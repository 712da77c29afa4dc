// Runs of workflows: how they are listed and deleted, whether they are encrypted, and what the input of one is.

import { describe, expect, test } from '@jest/globals'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { createPayloadCodec } from '#runtime/payload-codec'
import { readInput } from '#runtime/run-input'
import { GRPC } from '#runtime/status-codes'
import { deleteRun, isRunEncrypted, listRuns, retentionMs } from '#runtime/workflow-runs'
import { keysOf, pair } from '../../support/payload-keys.ts'

const RUN = { workflowId: 'batch-1', runId: 'run-1' }
const codec = createPayloadCodec(keysOf(pair('a', 1)))

/** A Temporal that answers every question alike. */
function temporal(answer: () => unknown) {
  const asked: unknown[] = []
  const take = async (request: unknown) => {
    asked.push(request)
    return answer()
  }
  const client: Client = Object({
    options: {
      namespace: 'cars',
      loadedDataConverter: { payloadCodecs: [codec], payloadConverter: defaultPayloadConverter },
    },
    workflowService: {
      getWorkflowExecutionHistory: take,
      deleteWorkflowExecution: take,
      describeNamespace: take,
    },
  })
  return { client, asked }
}

const historyOf = (payloads: readonly Payload[]) => () => ({
  history: {
    events: [{ workflowExecutionStartedEventAttributes: { input: { payloads } } }],
  },
})

const values = ['first', { second: 2 }].map((value) => defaultPayloadConverter.toPayload(value))
const encrypted = await codec.encode(values)

const fail = (error: unknown) => () => {
  throw error
}
const GONE = [
  new WorkflowNotFoundError('gone', 'batch-1', 'run-1'),
  Object.assign(new Error('gone'), { code: GRPC.NOT_FOUND }),
]
const AWAY = Object.assign(new Error('away'), { code: GRPC.UNAVAILABLE })

test('the input of a run is read from its first event, and decrypted where it has to be', async () => {
  for (const payloads of [values, encrypted]) {
    const { client, asked } = temporal(historyOf(payloads))
    expect(await readInput(client, RUN)).toEqual(['first', { second: 2 }])
    expect(asked).toEqual([{ namespace: 'cars', execution: RUN, maximumPageSize: 1 }])
  }
  expect(await readInput(temporal(() => ({})).client, RUN)).toEqual([])
})

describe('a run is encrypted', () => {
  test.each([
    ['where all of its input is', encrypted, true],
    ['and not where some of it is not', [...encrypted, ...values], false],
    ['and not where none of it is', values, false],
    ['and not where it has none', [], false],
  ])('%s', async (_where, payloads, expected) => {
    const { client, asked } = temporal(historyOf(payloads))
    expect(await isRunEncrypted(client, RUN)).toBe(expected)
    expect(asked).toEqual([{ namespace: 'cars', execution: RUN, maximumPageSize: 1 }])
  })

  test.each(GONE)('and not where Temporal has deleted it: %#', async (error) => {
    expect(await isRunEncrypted(temporal(fail(error)).client, RUN)).toBe(false)
  })

  test('or nobody knows where Temporal does not answer', async () => {
    await expect(isRunEncrypted(temporal(fail(AWAY)).client, RUN)).rejects.toBe(AWAY)
  })
})

test('a run is deleted, that run alone, and it may be gone already', async () => {
  const { client, asked } = temporal(() => ({}))
  await deleteRun(client, RUN)
  expect(asked).toEqual([{ namespace: 'cars', workflowExecution: RUN }])
  for (const error of GONE) await deleteRun(temporal(fail(error)).client, RUN)
  await expect(deleteRun(temporal(fail(AWAY)).client, RUN)).rejects.toBe(AWAY)
})

test('the retention of the namespace is told in milliseconds', async () => {
  const answer = { config: { workflowExecutionRetentionTtl: { seconds: 3 * 86_400 } } }
  const { client, asked } = temporal(() => answer)
  expect(await retentionMs(client)).toBe(3 * 24 * 60 * 60 * 1_000)
  expect(asked).toEqual([{ namespace: 'cars' }])
  expect(await retentionMs(temporal(() => ({})).client)).toBe(0)
})

test('runs are listed as Temporal lists them, with the name of their status and when they were closed', async () => {
  const [startTime, closeTime] = [new Date(1_000), new Date(2_000)]
  const asked: string[] = []
  const client: Client = Object({
    workflow: {
      async *list({ query }: { query: string }) {
        asked.push(query)
        const more = { type: 'processBatch', historyLength: 3 }
        yield { ...RUN, ...more, status: { name: 'FAILED', code: 3 }, startTime, closeTime }
        yield { ...RUN, ...more, runId: 'run-2', status: { name: 'RUNNING', code: 1 }, startTime }
      },
    },
  })
  expect(await listRuns(client, 'a query')).toEqual([
    { ...RUN, status: 'FAILED', startTime, closeTime },
    { ...RUN, runId: 'run-2', status: 'RUNNING', startTime, closeTime: undefined },
  ])
  expect(asked).toEqual(['a query'])
})
