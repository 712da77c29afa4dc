// Services that already run somewhere: which variable names each, and what is said where nothing answers.

import { afterEach, expect, test } from '@jest/globals'
import {
  addressVariables,
  allServices,
  givenAddress,
  type ReplaceableService,
} from '../../../deploy/local/environment.ts'
import { freePort } from '../../../deploy/local/probes.ts'
import { checkGivenAddress } from '../../../deploy/local/service.ts'

const given = { ...process.env }
afterEach(() => {
  for (const variable of Object.values(addressVariables)) {
    delete process.env[variable]
    if (given[variable] !== undefined) process.env[variable] = given[variable]
  }
})

const SERVICES: readonly [ReplaceableService, string][] = [
  ['temporal', 'TEMPORAL_ADDRESS'],
  ['pubsub', 'PUBSUB_EMULATOR_HOST'],
  ['bigquery', 'BIGQUERY_EMULATOR_HOST'],
  ['segment', 'SEGMENT_HOST'],
]

test.each(SERVICES)('%s is given by %s, and is the stack’s own without it', (service, variable) => {
  for (const other of Object.values(addressVariables)) delete process.env[other]
  expect(allServices.map(givenAddress)).toEqual(allServices.map(() => undefined))
  process.env[variable] = ''
  expect(givenAddress(service)).toBeUndefined()
  process.env[variable] = 'host:1'
  expect(allServices.filter((one) => givenAddress(one) === 'host:1')).toEqual([service])
  expect(givenAddress('codec')).toBeUndefined()
})

test.each(SERVICES)(
  '%s: where nothing answers, the error names %s and shows no password',
  async (service, variable) => {
    const address = `http://user:secret@127.0.0.1:${await freePort()}/path`
    const checked = checkGivenAddress(service, address)
    await expect(checked).rejects.toThrow(`nothing answers at ${variable}=http://`)
    await expect(checked).rejects.not.toThrow('secret')
  },
)
