// The workflows a worker registers, and nothing else.

export { deadLetter } from './dead-letter.ts'
export { eraseCustomer } from './erase-customer.ts'
export { processBatch } from './process-batch.ts'
export { sweep } from './sweep.ts'
