// Events of one partner that names the currency wrongly, as docs/runbook.md has it, and what mends them.

import { createEventPool, type EventPool } from './events.ts'

export function createInvalidPool(partner: string): EventPool {
  return createEventPool(1, (event) => ({ ...event, partner_id: partner, currency: 'EURO' }))
}

/** As `--patch` takes it. */
export const MENDING = JSON.stringify([{ op: 'replace', path: '/currency', value: 'EUR' }])
