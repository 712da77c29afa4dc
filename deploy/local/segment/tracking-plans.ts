// Stands in for the part of Segment's Public API that manages the rules of a tracking plan.

import { z } from 'zod'
import { type ApiAnswer, hasToken, parseJson, refused } from './answers.ts'

const MAX_RULES = 200
const DEFAULT_COUNT = 10
const MAX_COUNT = 200
const CONTENT_TYPE = 'application/vnd.segment.v1+json'

const ruleSchema = z.object({
  type: z.enum(['TRACK', 'IDENTIFY', 'GROUP', 'PAGE', 'SCREEN', 'COMMON']),
  key: z.string().optional(),
  version: z.number().int().positive(),
  jsonSchema: z.looseObject({ $schema: z.literal('http://json-schema.org/draft-07/schema#') }),
})

const replaceSchema = z.object({ rules: z.array(ruleSchema).max(MAX_RULES) })

type Rule = z.output<typeof ruleSchema>

export type ApiRequest = {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly authorization: string | undefined
  readonly contentType: string | undefined
}

const ROUTE = /^\/tracking-plans\/(tp_[A-Za-z0-9]+)\/rules$/

/** Every plan whose id begins with `tp_` exists, and has no rules at first. Any bearer token is taken. */
export function createTrackingPlans() {
  const plans = new Map<string, readonly Rule[]>()
  return (request: ApiRequest): ApiAnswer => {
    if (!hasToken(request.authorization)) return refused(401, 'unauthorized', 'A token is missing.')
    const { pathname, searchParams } = new URL(request.url, 'http://localhost')
    const [, planId] = ROUTE.exec(pathname) ?? []
    if (planId === undefined) return refused(404, 'not-found', 'There is no such tracking plan.')
    if (request.method === 'GET') return list(plans.get(planId) ?? [], searchParams)
    if (request.method !== 'PUT') return refused(405, 'method-not-allowed', 'Use GET or PUT.')
    return replace(plans, planId, request)
  }
}

function list(rules: readonly Rule[], query: URLSearchParams): ApiAnswer {
  const count = Number(query.get('pagination.count') ?? DEFAULT_COUNT)
  const from = Number(atob(query.get('pagination.cursor') ?? btoa('0')))
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT)
    return refused(400, 'bad-request', `pagination.count must be 1 to ${MAX_COUNT}.`)
  if (!Number.isInteger(from)) return refused(400, 'bad-request', 'pagination.cursor is invalid.')
  const next = from + count < rules.length ? { next: btoa(String(from + count)) } : {}
  const pagination = { current: btoa(String(from)), ...next, totalEntries: rules.length }
  return { status: 200, body: { data: { rules: rules.slice(from, from + count), pagination } } }
}

function replace(plans: Map<string, readonly Rule[]>, planId: string, request: ApiRequest) {
  if (request.contentType !== CONTENT_TYPE)
    return refused(415, 'unsupported-media-type', `The content type must be ${CONTENT_TYPE}.`)
  const parsed = replaceSchema.safeParse(parseJson(request.body))
  if (!parsed.success) return refused(400, 'bad-request', z.prettifyError(parsed.error))
  const { rules } = parsed.data
  const names = new Set(rules.map(({ type, key, version }) => JSON.stringify([type, key, version])))
  if (names.size < rules.length) return refused(400, 'bad-request', 'A rule is there twice.')
  plans.set(planId, rules)
  return { status: 200, body: { data: { rules } } }
}
