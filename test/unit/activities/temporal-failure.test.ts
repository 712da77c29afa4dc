// What Temporal refuses, as a failure: by its status and by names of ours, without Temporal's sentence, which quotes ids and values.

import { status } from '@grpc/grpc-js'
import { expect, test } from '@jest/globals'
import { ServiceError } from '@temporalio/client'
import { temporalFailure } from '../../../activities/temporal-failure.ts'
import { attempt } from '../../support/activities.ts'

const refused = (code: number, message: string) =>
  new ServiceError('Failed to start Workflow', {
    cause: Object.assign(new Error(message), { code, details: message, metadata: {} }),
  })

const failureOf = (thrown: unknown) =>
  attempt(async () => temporalFailure('Temporal did not take it', thrown), [])

test.each([
  [
    'a search attribute that is missing, by its name',
    refused(status.INVALID_ARGUMENT, 'no mapping defined for search attribute PartnerId'),
    {
      type: 'temporal_setup',
      message: 'Temporal did not take it: answered INVALID_ARGUMENT (PartnerId)',
    },
  ],
  [
    'a missing right',
    refused(status.PERMISSION_DENIED, 'jane.doe@example.com may not'),
    { type: 'temporal_setup', message: 'Temporal did not take it: answered PERMISSION_DENIED' },
  ],
  [
    'an outage',
    refused(status.UNAVAILABLE, 'workflow jane.doe@example.com'),
    { type: 'temporal_unavailable', message: 'Temporal did not take it: answered UNAVAILABLE' },
  ],
  [
    'a connection that failed',
    new Error('connect to jane.doe@example.com'),
    { type: 'temporal_unavailable', message: 'Temporal did not take it: no answer' },
  ],
])('%s', async (_what, error, expected) => {
  expect(await failureOf(error)).toMatchObject(expected)
})
