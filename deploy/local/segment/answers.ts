// How the Public API refuses a request, and how the text of a request is read.

export type ApiAnswer = { readonly status: number; readonly body: unknown }

export const refused = (status: number, type: string, message: string): ApiAnswer => ({
  status,
  body: { errors: [{ type, message }] },
})

export const hasToken = (authorization: string | undefined) =>
  /^Bearer \S+$/.test(authorization ?? '')

/** Undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
