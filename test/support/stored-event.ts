// An event of a dead letter as the table has it, and what a test says differs.

import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { PUBLISH_TIME } from '../fixtures/messages.ts'

export const storedEvent = (more: Partial<StoredEvent> = {}): StoredEvent => ({
  dead_letter_id: 'dead-letter/batch-1/dealer-7-00000000/validation',
  batch_id: 'batch-1',
  stage: 'validation',
  partner_id: 'dealer-7',
  type: 'purchase',
  event_id: null,
  order_id: null,
  reasons: ['amount_not_a_number'],
  faults: [],
  data: Buffer.from('{}'),
  attributes: {},
  message_id: 'm1',
  publish_time: PUBLISH_TIME,
  ...more,
})
