// An e-mail address as Google Ads matches it: normalised and hashed. Pure.

import { hash } from 'node:crypto'
import { readContact, type Usable, unusable, usable } from './usable.ts'

/** SHA-256 of the address as Google normalises it; a text that is a SHA-256 already passes in lower case. */
export function readEmail(text: string): Usable {
  return readContact(text, (clean) => {
    const address = normalised(bareAddress(clean))
    return address === null ? unusable('malformed') : usable(hash('sha256', address, 'hex'))
  })
}

const PREFIX = /^(?:mailto|smtp|e-?mail|mail)\s*[:=][\s/]*/i

/** The address without a label such as `mailto:`, a display name as in `Jane <jane@example.com>`, and punctuation at its end. */
function bareAddress(text: string): string {
  const opening = text.endsWith('>') ? text.lastIndexOf('<') : -1
  const address = opening < 0 ? text : text.slice(opening + 1, -1)
  const [target = ''] = address.trim().replace(PREFIX, '').split('?', 1)
  return target
    .replace(/%40/, '@')
    .replace(/[.,;:]$/, '')
    .trim()
    .toLowerCase()
}

/** RFC 5321. */
const MAX_LOCAL = 64
const MAX_DOMAIN = 255

const LOCAL = /^[^\s@<>()[\],;:\\"]+$/
const LABEL = /^[\p{L}\p{M}\p{N}]([\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u
const TOP_LEVEL = /^(?:\p{L}[\p{L}\p{M}]+|xn--[a-z\d-]+)$/u

const GMAIL = new Set(['gmail.com', 'googlemail.com'])

/** Null for what is not one address. Dots and what follows a plus sign do not count at Gmail. */
function normalised(address: string): string | null {
  const at = address.indexOf('@')
  const [local, domain] = [address.slice(0, Math.max(0, at)), address.slice(at + 1)]
  if (!isLocal(local) || !isDomain(domain)) return null
  if (!GMAIL.has(domain)) return address
  const [mailbox = ''] = local.replaceAll('.', '').split('+', 1)
  return mailbox === '' ? null : `${mailbox}@${domain}`
}

const isLocal = (local: string) => local.length <= MAX_LOCAL && LOCAL.test(local)

function isDomain(domain: string): boolean {
  if (domain.length > MAX_DOMAIN) return false
  const labels = domain.split('.')
  return (
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    TOP_LEVEL.test(labels.at(-1) ?? '')
  )
}
