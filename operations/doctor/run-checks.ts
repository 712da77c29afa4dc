// Runs all checks of the doctor at the same time, each within a limit, and turns what they throw into findings.

import { setTimeout as sleep } from 'node:timers/promises'
import { withoutSecretsInText } from '#runtime/secrets'
import { describeFailure } from './describe-failure.ts'
import type { CheckResult, CheckState, Finding, Report } from './finding.ts'
import { type Site, UnreachableError } from './site.ts'

export type Check = {
  readonly name: string
  /** What it throws becomes a finding; after an UnreachableError the check counts as skipped. */
  readonly run: (site: Site) => Promise<Report>
}

/** Long enough for a far network, and for a connection that is refused late. */
const LIMIT_MS = 10_000

/**
 * @param limitMs milliseconds for each check
 * @returns a result for each check, in the order of `checks`; never rejects
 */
export async function runChecks(
  checks: readonly Check[],
  site: Site,
  limitMs = LIMIT_MS,
): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => toResult(check.name, await within(check, site, limitMs))),
  )
}

async function within({ name, run }: Check, site: Site, limitMs: number): Promise<Report> {
  const ended = new AbortController()
  const late = sleep(limitMs, { findings: [tooSlow(name, limitMs)], seen: '' }, ended)
  try {
    return await Promise.race([run(site), late])
  } catch (failure) {
    if (failure instanceof UnreachableError) return { skipped: failure.message }
    return { findings: [describeFailure(name, failure)], seen: '' }
  } finally {
    ended.abort()
    late.catch(() => {})
  }
}

const tooSlow = (name: string, limitMs: number): Finding => ({
  severity: 'error',
  where: name,
  what: `There was no answer within ${limitMs / 1000} s.`,
  fix: 'Check the network between this machine and the service, and run the command again.',
})

function toResult(check: string, report: Report): CheckResult {
  if ('skipped' in report)
    return { check, state: 'skipped', seen: withoutSecretsInText(report.skipped), findings: [] }
  const findings = report.findings.map(withoutSecrets)
  return { check, state: stateOf(findings), seen: withoutSecretsInText(report.seen), findings }
}

const withoutSecrets = ({ severity, where, what, fix }: Finding): Finding => ({
  severity,
  where: withoutSecretsInText(where),
  what: withoutSecretsInText(what),
  fix: withoutSecretsInText(fix),
})

function stateOf(findings: readonly Finding[]): CheckState {
  if (findings.length === 0) return 'ok'
  return findings.some(({ severity }) => severity === 'error') ? 'error' : 'warning'
}
