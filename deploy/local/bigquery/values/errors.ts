// Errors in Google's JSON form, from which every official client builds its own error object.

/** A fault that goes to the caller as `{error: {code, message, errors: [{message, domain, reason}], status}}`. */
export type ApiError = Error & {
  readonly code: number
  readonly reason: string
  readonly status: string
  readonly location: string | undefined
}

// The canonical google.rpc.Code name that Google sends beside each HTTP code.
const statusOf: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  412: 'FAILED_PRECONDITION',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** Makes an ApiError; `reason` is one of BigQuery's documented error reasons. */
export const apiError = (
  code: number,
  reason: string,
  message: string,
  location?: string,
): ApiError =>
  Object.assign(new Error(message), {
    code,
    reason,
    status: statusOf[code] ?? 'UNKNOWN',
    location,
  })

/** 404, as BigQuery words it: `Not found: Table project:dataset.table`. */
export const notFound = (kind: 'Project' | 'Dataset' | 'Table' | 'Job', id: string) =>
  apiError(404, 'notFound', `Not found: ${kind} ${id}`)

/** 409: the dataset or table is there already. */
export const duplicate = (kind: 'Dataset' | 'Table', id: string) =>
  apiError(409, 'duplicate', `Already Exists: ${kind} ${id}`)

/** 400: the request itself is malformed. */
export const invalid = (message: string, location?: string) =>
  apiError(400, 'invalid', message, location)

/** 400: the SQL is wrong. */
export const invalidQuery = (message: string) => apiError(400, 'invalidQuery', message, 'query')

/** 501: BigQuery has it, this server does not; the message names it. */
export const notImplemented = (what: string) =>
  apiError(501, 'notImplemented', `The local BigQuery does not support ${what}.`)

/** Whether a caught value is a fault meant for the caller. */
export const isApiError = (error: unknown): error is ApiError =>
  error instanceof Error && 'code' in error && 'reason' in error && typeof error.code === 'number'

/** The response body of a fault; anything that is not an ApiError is a 500 `internalError`. */
export const errorBody = (error: unknown) => {
  const { code, message, reason, status, location } = isApiError(error)
    ? error
    : apiError(500, 'internalError', `An internal error occurred: ${messageOf(error)}`)
  const detail = { message, domain: 'global', reason, ...(location && { location }) }
  return { error: { code, message, errors: [detail], status } }
}

/** The text of whatever was thrown. */
export const messageOf = (error: unknown) =>
  error instanceof Error ? error.message : String(error)
