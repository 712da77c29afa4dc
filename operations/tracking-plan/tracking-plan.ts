// Compares the tracking plan in Segment with that of this version, and makes it the same.

import { TRACKING_PLAN } from '#activation/calls/tracking-plan'
import type { CliConfig } from '#runtime/config'
import { OperationError } from '../errors.ts'
import { compareRules, type Difference } from './compare.ts'
import { createPublicApi, type PublicApi } from './public-api.ts'

type Config = Pick<
  CliConfig,
  'SEGMENT_PUBLIC_API_HOST' | 'SEGMENT_PUBLIC_API_TOKEN' | 'SEGMENT_TRACKING_PLAN_ID'
>

export type ComparedPlan = {
  readonly planId: string
  /** Empty where the plan in Segment is that of this version. */
  readonly differences: readonly Difference[]
}

export type PushedPlan = ComparedPlan & {
  /** False where there was nothing to change. */
  readonly isChanged: boolean
}

/** Changes nothing. @param planId in place of SEGMENT_TRACKING_PLAN_ID @throws OperationError */
export async function diffTrackingPlan(config: Config, planId?: string): Promise<ComparedPlan> {
  return compare(planOf(config, planId))
}

/**
 * Replaces the rules of the plan by those of this version, and reads them again. `differences` are those that there were. Asked
 * twice, it changes nothing.
 * @param planId in place of SEGMENT_TRACKING_PLAN_ID
 * @throws OperationError also where the plan differs afterwards
 */
export async function pushTrackingPlan(config: Config, planId?: string): Promise<PushedPlan> {
  const plan = planOf(config, planId)
  const before = await compare(plan)
  if (before.differences.length === 0) return { ...before, isChanged: false }
  await plan.api.replaceRules(plan.id, TRACKING_PLAN)
  const { differences } = await compare(plan)
  if (differences.length === 0) return { ...before, isChanged: true }
  const keys = differences.map(({ key }) => key)
  throw new OperationError('tracking_plan_differs', { planId: plan.id, keys })
}

type Plan = { readonly id: string; readonly api: PublicApi }

function planOf(config: Config, planId: string | undefined): Plan {
  const id = planId ?? config.SEGMENT_TRACKING_PLAN_ID
  const { SEGMENT_PUBLIC_API_HOST: host, SEGMENT_PUBLIC_API_TOKEN: token } = config
  if (token === undefined) throw missing('SEGMENT_PUBLIC_API_TOKEN')
  if (id === undefined) throw missing('SEGMENT_TRACKING_PLAN_ID')
  return { id, api: createPublicApi({ host, token }) }
}

const missing = (variable: string) => new OperationError('variable_missing', { variable })

async function compare({ id, api }: Plan): Promise<ComparedPlan> {
  return { planId: id, differences: compareRules(TRACKING_PLAN, await api.listRules(id)) }
}
