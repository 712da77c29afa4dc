// Text that a service sent. It may quote the request, so it is cut and masked before it is shown anywhere.

import { isPersonal, maskText } from '#contracts'

const MAX_EXCERPT = 500

/** The name of a field, up to its value. */
const FIELD = /([A-Za-z][\w.-]{0,63})["'\\]*\s*[:=]\s*/g
/** In quotation marks, or without. */
const VALUE = /^(?:["'\\]+[^"'\\]*|[^\s"'\\,;&})]+)/

/** Hashed e-mail addresses and phone numbers are SHA-256 in hexadecimal digits. */
const HASH = /\b[\da-f]{32,}\b/gi

/**
 * At most 500 characters of the message of a service, without e-mail addresses, phone numbers, hashes and the values of
 * personal fields. A service may quote other personal data without a name: an excerpt is for the log at debug level.
 */
export function excerptOf(text: string): string {
  return maskText(maskFields(cut(text)).replace(HASH, '(masked hash)'))
}

function maskFields(text: string): string {
  let masked = ''
  let end = 0
  for (const { 0: field, 1: name = '', index } of text.matchAll(FIELD)) {
    const start = index + field.length
    if (index < end || !isPersonal(name)) continue
    const [value = ''] = VALUE.exec(text.slice(start)) ?? []
    masked += `${text.slice(end, start)}(masked)`
    end = start + value.length
  }
  return masked + text.slice(end)
}

/** Cuts at the end of a word, because half an e-mail address would not be recognised and masked. */
function cut(text: string): string {
  if (text.length <= MAX_EXCERPT) return text
  return /^[^]*[\s",;:{}()<>]/.exec(text.slice(0, MAX_EXCERPT))?.[0] ?? '(one long word)'
}

/** The headers in which services and their proxies give the id of a request. */
const REQUEST_ID_HEADERS = [
  'x-request-id',
  'x-goog-request-id',
  'x-guploader-uploadid',
  'x-amzn-requestid',
  'x-amz-cf-id',
  'x-cloud-trace-context',
]

/** Such an id is neither an e-mail address, which has other characters, nor a SHA-256, which is longer. */
const REQUEST_ID = /^(?=.*[A-Za-z])[A-Za-z\d][\w./:;=+-]{7,62}$/

/**
 * The id by which a service finds a request in its own logs, where its answer has one that is a plain word.
 * @param header gives the value of a header by its name in lower case
 */
export function requestIdOf(header: (name: string) => unknown): string | undefined {
  const values = REQUEST_ID_HEADERS.map(header)
  return values.find(
    (value): value is string => typeof value === 'string' && REQUEST_ID.test(value),
  )
}
