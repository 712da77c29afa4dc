// Checks that Temporal answers, and that its namespace keeps runs for as long as the sweep and people need them.

import type { CliConfig } from '#runtime/config'
import { codeOf, GRPC } from '#runtime/status-codes'
import { temporalAddress } from '#runtime/temporal'
import { error, type Finding, type Report } from '../finding.ts'
import { type Site, UnreachableError } from '../site.ts'

const HOUR_SECONDS = 60 * 60

/** A sweep that is missed, for a night's outage, is made up for by a later one while Temporal still has the runs. */
const MIN_HOURS = 24
const MIN_SWEEPS = 12

export async function checkTemporalNamespace(site: Site): Promise<Report> {
  try {
    return await checkRetention(site)
  } catch (failure) {
    if (!(failure instanceof UnreachableError)) throw failure
    const fix =
      'Start Temporal there, or correct TEMPORAL_ADDRESS, TEMPORAL_API_KEY or TEMPORAL_TLS_*.'
    return { seen: '', findings: [error(`Temporal at ${temporalAddress()}`, failure.message, fix)] }
  }
}

async function checkRetention(site: Site): Promise<Report> {
  const client = await site.temporal()
  const { namespace } = client.options
  try {
    const { config } = await client.workflowService.describeNamespace({ namespace })
    const hours = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / HOUR_SECONDS
    const seen = `${namespace}: closed runs are kept ${hours} h`
    return { seen, findings: judgeRetention(namespace, hours, site.config) }
  } catch (failure) {
    const described = describe(namespace, codeOf(failure))
    if (!described) throw failure
    return { seen: '', findings: [described] }
  }
}

/** @param hours for which the namespace keeps closed runs. Pure. */
export function judgeRetention(
  namespace: string,
  hours: number,
  { SWEEP_INTERVAL_MINUTES: everyMinutes }: Pick<CliConfig, 'SWEEP_INTERVAL_MINUTES'>,
): Finding[] {
  const needed = Math.max(MIN_HOURS, Math.ceil((MIN_SWEEPS * everyMinutes) / 60))
  if (hours >= needed) return []
  return [
    error(
      `namespace ${namespace}`,
      `It keeps closed runs for ${hours} hours. The sweep, every ${everyMinutes} minutes, may find a batch that ended too late, and people cannot see why it failed.`,
      `temporal operator namespace update --namespace ${namespace} --retention ${needed}h, or in the console of Temporal Cloud`,
    ),
  ]
}

function describe(namespace: string, code: unknown): Finding | null {
  const where = `namespace ${namespace}`
  if (code === GRPC.NOT_FOUND)
    return error(
      where,
      'It does not exist.',
      `Correct TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace} --retention 7d`,
    )
  if (code !== GRPC.PERMISSION_DENIED && code !== GRPC.UNAUTHENTICATED) return null
  return error(
    where,
    'Temporal refuses the credentials.',
    'Correct TEMPORAL_API_KEY or TEMPORAL_TLS_*, and give the key write access to the namespace.',
  )
}
