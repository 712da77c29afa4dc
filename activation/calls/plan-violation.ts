// Checks a call against the tracking plan before it is sent.

import type { ActivationCall } from './call.ts'
import { callSchema } from './schema.ts'

/** The path of a category of consent ends with a name that the partner chose. */
const LAST_KNOWN = 'categoryPreferences'

/**
 * Where and how the call breaks the tracking plan, such as `properties.total invalid_type`; null where it keeps it. The text
 * names the first violation, and holds no value of the call. Takes some microseconds a call: see docs/adr/0011.
 */
export function planViolation(call: ActivationCall): string | null {
  const { error } = callSchema.safeParse(call)
  const [issue] = error?.issues ?? []
  if (issue === undefined) return null
  const end = issue.path.indexOf(LAST_KNOWN)
  const path = end === -1 ? issue.path : issue.path.slice(0, end + 1)
  return `${path.map(String).join('.') || 'the call'} ${issue.code}`
}
