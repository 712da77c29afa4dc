// Events of one partner that names the currency wrongly, as docs/runbook.md has it, and what mends them.

import { createEventPool, type EventPool } from './events.ts'

export function createInvalidPool(partner: string): EventPool {
  return createEventPool(1, (event) => ({ ...event, partner_id: partner, currency: 'EURO' }))
}

/** As `--patch` takes it. */
export const CORRECTION = JSON.stringify([{ op: 'replace', path: '/currency', value: 'EUR' }])

/** As long as what takes its place. */
const STRANGER = 'stranger-0000000'
const DIGITS = 7

/** The same, but each event has a partner of its own, as a sender may invent it; no attribute names one. */
export function createStrangersPool(): EventPool {
  const pool = createInvalidPool(STRANGER)
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
