// What a check of the doctor reports.

/** One thing that is wrong with the environment. Texts are sentences for a person, without secrets. */
export type Finding = {
  /** `error`: events are lost, stopped or refused. `warning`: it works, and will hurt on a bad day. */
  readonly severity: 'error' | 'warning'
  /** What is wrong. */
  readonly what: string
  /** The resource, for example `subscription car-events-bridge`. */
  readonly where: string
  /** What a person does about it; a command where there is one. */
  readonly fix: string
}

/** What was looked at in words, and what is wrong with it; or why nothing could be looked at. */
export type Report =
  | { readonly seen: string; readonly findings: readonly Finding[] }
  | { readonly skipped: string }

export type CheckState = 'ok' | 'warning' | 'error' | 'skipped'

export type CheckResult = {
  readonly check: string
  readonly state: CheckState
  /** What was looked at, or why nothing was. */
  readonly seen: string
  readonly findings: readonly Finding[]
}

export const error = (where: string, what: string, fix: string): Finding => ({
  severity: 'error',
  what,
  where,
  fix,
})

export const warning = (where: string, what: string, fix: string): Finding => ({
  ...error(where, what, fix),
  severity: 'warning',
})
