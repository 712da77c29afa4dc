// Errors in Google's JSON form, from which every official client builds its own error object.

/** The canonical google.rpc.Code name that Google sends with each HTTP code. */
const STATUS: Readonly<Record<number, string>> = {
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

/** An error that goes to the caller as `{error: {code, message, errors: [{message, domain, reason}], status}}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: number
  readonly reason: string
  readonly status: string
  readonly location: string | undefined

  /** @param reason one of BigQuery's documented error reasons */
  constructor(code: number, reason: string, message: string, location?: string) {
    super(message)
    this.code = code
    this.reason = reason
    this.status = STATUS[code] ?? 'UNKNOWN'
    this.location = location
  }
}

/** 404, as BigQuery words it: `Not found: Table project:dataset.table`. */
export const notFound = (kind: 'Project' | 'Dataset' | 'Table' | 'Job' | 'Upload', id: string) =>
  new ApiError(404, 'notFound', `Not found: ${kind} ${id}`)

/** 409: the dataset or table is there already. */
export const duplicate = (kind: 'Dataset' | 'Table', id: string) =>
  new ApiError(409, 'duplicate', `Already Exists: ${kind} ${id}`)

/** 400: the request itself is malformed. */
export const invalid = (message: string, location?: string) =>
  new ApiError(400, 'invalid', message, location)

/** 400: the SQL is wrong. */
export const invalidQuery = (message: string) => new ApiError(400, 'invalidQuery', message, 'query')

/** 501: BigQuery has it, this server does not; the message names it. */
export const notImplemented = (what: string) =>
  new ApiError(501, 'notImplemented', `The local BigQuery does not support ${what}.`)

/** The response body of an error; anything that is not an ApiError is a 500 `internalError`. */
export function errorBody(error: unknown) {
  const { code, message, reason, status, location } =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'internalError', `An internal error occurred: ${messageOf(error)}`)
  const detail = { message, domain: 'global', reason, ...(location && { location }) }
  return { error: { code, message, errors: [detail], status } }
}

/** The text of whatever was thrown. */
export const messageOf = (error: unknown) =>
  error instanceof Error ? error.message : String(error)
