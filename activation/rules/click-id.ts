// A click id of Google as a partner sent it: alone, in a URL or a cookie, or not at all. Pure.

import { readIdentifier, type Usable, unusable, usable } from './usable.ts'

export type ClickIdName = 'gclid' | 'gbraid' | 'wbraid'

/** The click id as Google made it, which must not be changed. */
export function readClickId(name: ClickIdName, text: string): Usable {
  return readIdentifier(text, (clean) => {
    const found = isUrl(clean) ? parameterOf(name, clean) : clean
    return found === null ? unusable('not_in_url') : readIdentifier(found, bareClickId)
  })
}

const TEMPLATE = /[{}<>[\]$]|%7[bd]|^%.*%$|^__.*__$/i
const COOKIE = /^GCL\.\d+\./
/** Google's have letters among their digits: a number is an id of something else. */
const CLICK_ID = /^(?=.*[a-z])[\w.~-]+={0,2}$/i

/** The click id may have the remainder of a query behind it, or the prefix of Google's cookie in front of it. */
function bareClickId(text: string): Usable {
  if (TEMPLATE.test(text)) return unusable('template')
  const [first = ''] = text.replace(COOKIE, '').split(/[&#?]/, 1)
  return CLICK_ID.test(first) ? usable(first) : unusable('malformed')
}

const isUrl = (text: string) => /:\/\/|^www\.|^[/?&#]|%3d|(?:gclid|gbraid|wbraid)=/i.test(text)

const PARAMETER = {
  gclid: /(?:^|[?&#;\s/])gclid=([^&#;\s]*)/i,
  gbraid: /(?:^|[?&#;\s/])gbraid=([^&#;\s]*)/i,
  wbraid: /(?:^|[?&#;\s/])wbraid=([^&#;\s]*)/i,
} as const

/** The value of the parameter, also of a URL that is encoded as a whole; null where the URL does not have it. */
function parameterOf(name: ClickIdName, url: string): string | null {
  const [, value] = PARAMETER[name].exec(url) ?? []
  if (value !== undefined) return decoded(value)
  const plain = decoded(url)
  return plain === url ? null : parameterOf(name, plain)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
