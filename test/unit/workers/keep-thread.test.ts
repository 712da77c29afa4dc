// What is left of activity threads where the worker stops while Temporal is unavailable.

import { expect, test } from '@jest/globals'
import { noopMetricMeter } from '@temporalio/common'
import { isolationMetrics } from '#runtime/metrics/groups'
import { keepThread } from '../../../workers/isolation/keep-thread.ts'
import { createSupply } from '../../../workers/isolation/thread-supply.ts'
import { recordingLog } from '../../support/recording-log.ts'

test('a thread that cannot be started keeps no worker from ending', async () => {
  const { log } = recordingLog()
  const supply = createSupply(() => Promise.reject(new Error('Temporal does not answer')), log)
  const kept = keepThread({
    role: 'quarantine',
    first: supply.take(),
    next: () => supply.take(),
    metrics: isolationMetrics(noopMetricMeter),
    log,
  })
  await expect(Promise.all([kept.close(), supply.close()])).resolves.toBeDefined()
})
