// What an operation on the activation queue says where Temporal does not do it.

import { codeOf, GRPC } from '#runtime/status-codes'
import { OperationError } from '../errors.ts'
import { oneLine } from '../google.ts'

/** @throws OperationError `limits_unsupported`, `temporal_lost` or `temporal_refused` */
export async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw problemOf(error)
  }
}

function problemOf(error: unknown): OperationError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = codeOf(cause)
  if (code === GRPC.UNIMPLEMENTED) return new OperationError('limits_unsupported', {}, error)
  if (code === GRPC.UNAVAILABLE || code === GRPC.DEADLINE_EXCEEDED || code === undefined)
    return new OperationError('temporal_lost', {}, error)
  return new OperationError('temporal_refused', { why: oneLine(cause) }, error)
}
