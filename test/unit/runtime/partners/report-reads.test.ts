// What an operator can see of an edit of the partner registry: a line of the log, and a count by outcome.

import { expect, test } from '@jest/globals'
import { ConfigError } from '#runtime/errors'
import { processMetrics } from '#runtime/metrics/groups'
import { registryOf } from '#runtime/partners/registry'
import { reportReads } from '#runtime/partners/report-reads'
import { createThreadMeter } from '../../../../workers/isolation/thread-meter.ts'
import { recordingLog } from '../../../support/recording-log.ts'

test('an edit that is taken and one that is refused are told apart', () => {
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  const { onLoaded, onRefused } = reportReads(log, processMetrics(meter).partnerRegistryReads)
  const name = 'partner_registry_reads_total'

  onLoaded(registryOf('partners: { dealer-7: {}, dealer-8: {} }'))
  expect(take()).toEqual([{ name, value: 1, tags: { outcome: 'loaded' } }])
  onRefused(new ConfigError('it cannot be used'))
  expect(take()).toEqual([{ name, value: 1, tags: { outcome: 'refused' } }])

  const [INFO, ERROR] = [30, 50]
  expect(lines.map(({ level, partners }) => [level, partners])).toEqual([
    [INFO, 2],
    [ERROR, undefined],
  ])
})
