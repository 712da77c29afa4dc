// The workflows a worker registers, and nothing else.

export { activateLater } from './activate-later.ts'
export { deadLetter } from './dead-letter.ts'
export { eraseCustomer } from './erase-customer.ts'
export { governActivation } from './govern-activation.ts'
export { processBatch } from './process-batch.ts'
export { sweep } from './sweep.ts'
