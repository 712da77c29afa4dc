// The two calls of Segment's Public API for the rules of a tracking plan.

import { z } from 'zod'
import type { PlanRule } from '#activation/calls/tracking-plan'
import {
  type PublicApiAddress,
  type PublicApiRequest,
  requestPublicApi,
} from '#activation/segment/public-api-request'
import { isHttpSuccess } from '#runtime/status-codes'
import { OperationError } from '../errors.ts'

const TIMEOUT_MS = 30_000

/** The most that the API lists at once. */
const PAGE = 200

/** A plan has thousands of rules at most. */
const MAX_PAGES = 100

export type PublicApi = {
  /** All rules of the plan, page by page. */
  readonly listRules: (planId: string) => Promise<PlanRule[]>
  /** Replaces all rules of the plan: rules that are not among these are removed. At most 200. */
  readonly replaceRules: (planId: string, rules: readonly PlanRule[]) => Promise<void>
}

const ruleSchema = z.object({
  type: z.string(),
  key: z.string().default(''),
  version: z.number(),
  jsonSchema: z.unknown(),
})

const pageSchema = z.object({
  data: z.object({
    rules: z.array(ruleSchema),
    pagination: z.object({ next: z.string().nullish() }),
  }),
})

const errorsSchema = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) })

type Asked = {
  readonly planId: string
  readonly query?: string
  readonly replaceBy?: readonly PlanRule[]
}

/** Each call throws an OperationError where the API refuses or does not answer within 30 seconds. */
export function createPublicApi(address: PublicApiAddress): PublicApi {
  const ask = (asked: Asked) => askApi(address, asked)
  return {
    listRules: async (planId) => {
      const rules: PlanRule[] = []
      let cursor: string | null | undefined
      for (let page = 0; page < MAX_PAGES; page++) {
        const { data } = pageOf(await ask({ planId, query: queryOf(cursor) }))
        rules.push(...data.rules)
        cursor = data.pagination.next
        if (!cursor) return rules
      }
      throw failed(null, `the list of rules has more than ${MAX_PAGES} pages`)
    },
    replaceRules: async (planId, rules) => void (await ask({ planId, replaceBy: rules })),
  }
}

function queryOf(cursor: string | null | undefined): string {
  const after = cursor ? { 'pagination.cursor': cursor } : {}
  return `?${new URLSearchParams({ 'pagination.count': String(PAGE), ...after }).toString()}`
}

function pageOf(answer: unknown) {
  const page = pageSchema.safeParse(answer)
  if (page.success) return page.data
  throw failed(200, 'the answer is no list of rules: something else may stand in place of Segment')
}

/** @throws OperationError where the answer is none of success */
async function askApi(address: PublicApiAddress, asked: Asked): Promise<unknown> {
  const { planId, query = '', replaceBy } = asked
  const { status, text } = await send(address, {
    method: replaceBy ? 'PUT' : 'GET',
    path: `/tracking-plans/${encodeURIComponent(planId)}/rules${query}`,
    body: replaceBy && { rules: replaceBy },
    timeoutMs: TIMEOUT_MS,
  })
  const answer = parsed(text)
  if (isHttpSuccess(status)) return answer
  if (status === 401 || status === 403) throw new OperationError('segment_api_denied', { status })
  if (status === 404) throw new OperationError('tracking_plan_unknown', { planId })
  throw failed(status, errorsSchema.safeParse(answer).data?.errors[0]?.message ?? 'no reason given')
}

async function send(address: PublicApiAddress, request: PublicApiRequest) {
  try {
    return await requestPublicApi(address, request)
  } catch (error) {
    throw failed(null, error instanceof Error ? causeOf(error) : String(error))
  }
}

/** The message of `fetch` is "fetch failed"; what happened is in its cause. */
const causeOf = ({ message, cause }: Error) =>
  cause instanceof Error && cause.message !== '' ? cause.message : message

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const failed = (status: number | null, why: string) =>
  new OperationError('segment_api_failed', { status, why })
