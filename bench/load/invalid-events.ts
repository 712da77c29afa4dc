// Events of one partner that names the currency wrongly, as docs/runbook.md has it, and what mends them.

import type { PartnerEvent } from '../../deploy/local/events/valid-events.ts'
import { createEventPool, type EventPool } from './events.ts'

/** @param size see `createEventPool` */
export function createInvalidPool(partner: string, size?: number): EventPool {
  const edit = (event: PartnerEvent) => ({ ...event, partner_id: partner, currency: 'EURO' })
  return createEventPool(1, edit, size)
}

/** As `--patch` takes it. */
export const CORRECTION = JSON.stringify([{ op: 'replace', path: '/currency', value: 'EUR' }])

/** As long as what takes its place. */
const STRANGER = 'stranger-0000000'
const DIGITS = 7

/** The same, but each event has a partner of its own, as a sender may invent it; no attribute names one. */
export function createStrangersPool(size?: number): EventPool {
  const pool = createInvalidPool(STRANGER, size)
  return {
    ...pool,
    make: (marker) => {
      const event = pool.make(marker)
      const at = event.data.indexOf(STRANGER) + STRANGER.length - DIGITS
      event.data.write(String(marker.number).padStart(DIGITS, '0'), at, 'latin1')
      return { ...event, attributes: {} }
    },
  }
}
