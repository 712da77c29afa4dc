// `npm run dlq -- discard`: closes dead letters for good. The events stay in the tables, with who gave them up and why.

import { select } from '#operations/dead-letters/select'
import { atSite, carryOut } from './carry-out.ts'
import type { DiscardOptions } from './discard.ts'

/** @returns the exit code */
export function discard(ids: readonly string[], options: DiscardOptions): Promise<number> {
  return atSite(async (site) => {
    const selection = await select(site.store, site.client, { ids, ...options })
    return carryOut(site, { ...options, action: 'discard', wanted: selection, plan: () => null })
  })
}
