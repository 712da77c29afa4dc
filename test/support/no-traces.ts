// What is found of a person of whom there is nothing.

import { NO_ROWS, type PersonTraces } from '#contracts'

export const NO_TRACES: PersonTraces = {
  keys: [],
  messageIds: [],
  from: '',
  to: '',
  orders: [],
  identifiers: [],
  batches: [],
  letters: [],
  rows: NO_ROWS,
  unattributed: 0,
}
