// A set-up that may not do everything: what is left to a person is said, and what failed does not hide what was done.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Client, Connection } from '@temporalio/client'
import { grpc } from 'google-gax'
import { SEARCH_ATTRIBUTES } from '#contracts'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { setUp } from '#operations/setup/setup'
import { SetupError } from '#operations/setup/setup-error'
import { cliConfig, readConfig } from '#runtime/config'
import { rawMethod } from '../../../bench/load/raw-grpc.ts'
import { explainError } from '../../../cli/explain-error.ts'
import { changeRow } from '../../../cli/setup.ts'
import { freePort } from '../../../deploy/local/probes.ts'
import { useStack } from '../../support/stack.ts'

const stack = useStack('pubsub', 'bigquery')

/** Answers a connecting client, and the operator service as it is told: with no code, not at all. */
async function serveTemporal(code?: grpc.status) {
  const server = new grpc.Server()
  const answer: grpc.handleUnaryCall<Buffer, Buffer> = (_call, reply) =>
    reply(null, Buffer.alloc(0))
  const refuse: grpc.handleUnaryCall<Buffer, Buffer> = (_call, reply) =>
    reply({ code: code ?? grpc.status.UNKNOWN, details: 'not here' })
  server.addService(
    { info: rawMethod('/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo') },
    { info: answer },
  )
  const workflows = '/temporal.api.workflowservice.v1.WorkflowService'
  const unknown: grpc.handleUnaryCall<Buffer, Buffer> = (_call, reply) =>
    reply({ code: grpc.status.NOT_FOUND, details: 'no such schedule' })
  server.addService({ look: rawMethod(`${workflows}/DescribeSchedule`) }, { look: unknown })
  server.addService({ make: rawMethod(`${workflows}/CreateSchedule`) }, { make: answer })
  const operator = '/temporal.api.operatorservice.v1.OperatorService'
  if (code !== undefined) {
    server.addService({ list: rawMethod(`${operator}/ListSearchAttributes`) }, { list: answer })
    server.addService({ add: rawMethod(`${operator}/AddSearchAttributes`) }, { add: refuse })
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() }
}

const BY_HAND = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => ({
  kind: 'search attribute',
  name,
  did: 'by hand',
  type,
}))

async function changesAt(address: string) {
  const connection = await Connection.connect({ address })
  try {
    return await setUpSearchAttributes(new Client({ connection }))
  } finally {
    await connection.close()
  }
}

test.each<[string, grpc.status | undefined]>([
  ['has no such service', undefined],
  ['lets nobody add them', grpc.status.PERMISSION_DENIED],
  ['cannot add them', grpc.status.UNIMPLEMENTED],
])('where Temporal %s, search attributes are left to a person', async (_name, code) => {
  const server = await serveTemporal(code)
  try {
    expect(await changesAt(server.address)).toEqual(BY_HAND)
  } finally {
    server.stop()
  }
})

test('any other failure of Temporal is one', async () => {
  const server = await serveTemporal(grpc.status.INTERNAL)
  try {
    await expect(changesAt(server.address)).rejects.toThrow('not here')
  } finally {
    server.stop()
  }
})

describe('with nothing at TEMPORAL_ADDRESS', () => {
  const { TEMPORAL_ADDRESS } = process.env
  beforeAll(async () => {
    process.env['TEMPORAL_ADDRESS'] = `127.0.0.1:${await freePort()}`
  })
  afterAll(() => {
    if (TEMPORAL_ADDRESS === undefined) delete process.env['TEMPORAL_ADDRESS']
    else process.env['TEMPORAL_ADDRESS'] = TEMPORAL_ADDRESS
  })

  test('the rest is set up and told, and the part that failed is named', async () => {
    const failure = await setUp(readConfig(cliConfig, process.env)).catch((error: unknown) => error)
    if (!(failure instanceof SetupError)) throw failure
    expect(failure.failures).toMatchObject([{ service: 'Temporal' }])
    const explained = explainError(failure)
    expect(explained).toMatchObject({
      message: expect.stringMatching(/^Not set up: Temporal\. Temporal does not answer at .*$/),
    })
    expect(explained).not.toHaveProperty('exitCode')
    const told = failure.changes.map(changeRow).map(({ what }) => what)
    expect(told).toEqual(expect.arrayContaining(['topic car-events', 'dataset streaming']))
  })
})

test('every part that failed is named', async () => {
  const config = readConfig(cliConfig, {
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${await freePort()}`,
    BIGQUERY_EMULATOR_HOST: stack().bigquery.url,
  })
  const server = await serveTemporal()
  process.env['TEMPORAL_ADDRESS'] = server.address
  try {
    const failure = await setUp(config).catch((error: unknown) => error)
    if (!(failure instanceof SetupError)) throw failure
    expect(failure.failures).toMatchObject([
      { service: 'Pub/Sub', error: { name: 'PubSubError', code: 'unreachable' } },
    ])
    expect(explainError(failure)).toMatchObject({
      message: expect.stringMatching(/^Not set up: Pub\/Sub\. .* does not answer at .*$/),
      exitCode: 2,
    })
    expect(failure.changes).toEqual(expect.arrayContaining(BY_HAND))
  } finally {
    server.stop()
    delete process.env['TEMPORAL_ADDRESS']
  }
})
