// The status codes of gRPC and of HTTP by name, and the code that an error of a client has.

/**
 * The codes of gRPC. They are listed here, and a test compares them with `@grpc/grpc-js`, because that library takes long to
 * load and not every command needs it.
 */
export const GRPC = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const

/** The codes of HTTP that the pipeline sends or distinguishes. */
export const HTTP = {
  OK: 200,
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  CONFLICT: 409,
  GONE: 410,
  CONTENT_TOO_LARGE: 413,
  UNPROCESSABLE_ENTITY: 422,
  TOO_MANY_REQUESTS: 429,
  /** Not in any RFC: a load balancer of AWS answers it where the client has closed the connection. */
  CLIENT_CLOSED_CONNECTION: 460,
  /** Not in any RFC: nginx answers it where the client has closed the request. */
  CLIENT_CLOSED_REQUEST: 499,
  INTERNAL_SERVER_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  BAD_GATEWAY: 502,
  SERVICE_UNAVAILABLE: 503,
  GATEWAY_TIMEOUT: 504,
} as const

const GRPC_NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries(GRPC).map(([name, code]) => [code, name]),
)

/** For example `NOT_FOUND`. Undefined where gRPC has no such code. */
export const grpcName = (code: unknown): string | undefined => GRPC_NAMES.get(code)

export const isHttpSuccess = (status = 0): boolean => status >= 200 && status < 300
export const isHttpRedirect = (status = 0): boolean => status >= 300 && status < 400
export const isHttpClientError = (status = 0): boolean => status >= 400 && status < 500

/** The `code` of an error: of gRPC or HTTP where it is a number, of Node where it is a text. Undefined where it has none. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
