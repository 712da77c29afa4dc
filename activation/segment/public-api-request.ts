// Sends one request to Segment's Public API, by which workspaces are administered, and reads the answer whatever it is.

export type PublicApiAddress = {
  /** For example `https://api.segmentapis.com`. */
  readonly host: string
  readonly token: string
}

export type PublicApiRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT'
  /** Begins with a slash. */
  readonly path: string
  readonly body?: object | undefined
  readonly timeoutMs: number
}

export type PublicApiAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Version 1 of the API. */
const MEDIA_TYPE = 'application/vnd.segment.v1+json'

/** A redirect would carry the token elsewhere: it is not followed. @throws the error of `fetch` where there is no whole answer */
export async function requestPublicApi(
  { host, token }: PublicApiAddress,
  { method, path, body, timeoutMs }: PublicApiRequest,
): Promise<PublicApiAnswer> {
  const response = await fetch(new URL(path, host), {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      authorization: `Bearer ${token}`,
      accept: MEDIA_TYPE,
      ...(body && { 'content-type': MEDIA_TYPE }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const { status, headers } = response
  return { status, headers, text: await response.text() }
}
