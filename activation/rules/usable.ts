// What a partner sent as an identifier, as it can be used, or the reason why it cannot. Pure.

import type { OmissionReason } from '#contracts/google-ads'
import {
  cleanText,
  hashIn,
  isHashOfPlaceholder,
  isPlaceholder,
  MAX_IDENTIFIER,
} from './clean-text.ts'

export type Usable =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: OmissionReason }

export const usable = (value: string): Usable => ({ ok: true, value })
export const unusable = (reason: OmissionReason): Usable => ({ ok: false, reason })

/** Cleans the text, and lets `read` decide where it is of a plausible length and no placeholder. */
export function readIdentifier(text: string, read: (clean: string) => Usable): Usable {
  if (text.length > MAX_IDENTIFIER) return unusable('malformed')
  const clean = cleanText(text)
  return isPlaceholder(clean) ? unusable('placeholder') : read(clean)
}

/** Lets a SHA-256 pass in lower case; `read` decides about every other text. */
export function readContact(text: string, read: (clean: string) => Usable): Usable {
  return readIdentifier(text, (clean) => {
    const digest = hashIn(clean)
    if (digest === null) return read(clean)
    return isHashOfPlaceholder(digest) ? unusable('placeholder') : usable(digest)
  })
}
