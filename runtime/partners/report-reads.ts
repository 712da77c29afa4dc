// Says what became of each edit of the partner registry: in the log, and in the counter `partner_registry_reads_total`.

import type { Logger } from '../log.ts'
import type { ProcessMetrics } from '../metrics/groups.ts'
import type { Watch } from './registry.ts'

export const reportReads = (
  log: Logger,
  reads: ProcessMetrics['partnerRegistryReads'],
): Pick<Watch, 'onLoaded' | 'onRefused'> => ({
  onLoaded: ({ registry }) => {
    reads.add(1, { outcome: 'loaded' })
    log.info({ partners: registry.partners.size }, 'the partner registry is in effect')
  },
  onRefused: (err) => {
    reads.add(1, { outcome: 'refused' })
    log.error({ err }, 'the partner registry cannot be used: the last good one stays in effect')
  },
})
