// Deliveries as a pull would answer them.

import type { Message } from '#contracts'
import type { Delivery } from '../../../bridge/source.ts'
import { message } from '../../fixtures/messages.ts'

export function delivery(
  data: object | string | Uint8Array = 'event',
  overrides: Partial<Message> = {},
): Delivery {
  const made = message(data, { attributes: {}, ...overrides })
  return { ackId: `ack-${made.messageId}`, message: made }
}

export const deliveries = (count: number): Delivery[] =>
  Array.from({ length: count }, () => delivery())

export const ackIdsOf = (all: readonly Delivery[]): string[] => all.map(({ ackId }) => ackId)
