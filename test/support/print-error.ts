// A process that ends with an error of the given message and cause, and logs it first, as bridge and worker do.

import { createLogger } from '#runtime/log'
import { runMain } from '#runtime/main'

const [, , message = '', cause = ''] = process.argv

await runMain(async () => {
  createLogger('test', 'info').warn({ message, [message]: cause }, cause)
  throw new Error(message, { cause: new Error(cause) })
})
