// The part of Segment's Public API that deletes persons, by its documented requests and errors.

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { wallClock } from '#runtime/clock'
import { type ApiAnswer, hasToken, parseJson, refused } from './answers.ts'

/** Segment takes so many subjects in one request. */
const MAX_SUBJECTS = 5_000

const regulationInput = z.object({
  regulationType: z.enum([
    'DELETE_INTERNAL',
    'DELETE_ONLY',
    'SUPPRESS_ONLY',
    'SUPPRESS_WITH_DELETE',
    'SUPPRESS_WITH_DELETE_INTERNAL',
    'UNSUPPRESS',
  ]),
  subjectType: z.enum(['USER_ID', 'OBJECT_ID']),
  subjectIds: z.array(z.string().min(1)).min(1).max(MAX_SUBJECTS),
})

/** A regulation that was asked for. */
export type Regulation = z.output<typeof regulationInput> & {
  readonly id: string
  readonly createdAt: string
}

export type PublicApiRequest = {
  /** Method and path, such as `POST /regulations`. */
  readonly route: string
  readonly authorization: string | undefined
  readonly body: string
}

/** Keeps regulations in memory. `answer` returns undefined for a route that is not of this API. */
export function createRegulations() {
  const regulations: Regulation[] = []
  const create = (body: string): ApiAnswer => {
    const parsed = regulationInput.safeParse(parseJson(body))
    if (!parsed.success) return invalid(parsed.error)
    const id = randomUUID().replaceAll('-', '')
    regulations.push({ ...parsed.data, id, createdAt: wallClock().toISOString() })
    return { status: 200, body: { data: { regulateId: id } } }
  }
  const find = (id: string): ApiAnswer => {
    const found = regulations.find((one) => one.id === id)
    if (!found) return refused(404, 'not-found', 'the regulation does not exist')
    const { createdAt } = found
    const regulation = { id, workspaceId: 'local', overallStatus: 'INITIALIZED', createdAt }
    return { status: 200, body: { data: { regulation: { ...regulation, streamStatus: [] } } } }
  }
  return {
    all: (): readonly Regulation[] => regulations,
    answer: ({ route, authorization, body }: PublicApiRequest): ApiAnswer | undefined => {
      const [, id] = /^GET \/regulations\/([^/?]+)$/.exec(route) ?? []
      if (route !== 'POST /regulations' && id === undefined) return undefined
      if (!hasToken(authorization)) return refused(401, 'unauthenticated', 'the token is missing')
      return id === undefined ? create(body) : find(id)
    },
  }
}

function invalid({ issues }: z.ZodError): ApiAnswer {
  const errors = issues.map(({ path, message }) => ({
    type: 'validation',
    message,
    field: path.join('.'),
  }))
  return { status: 422, body: { errors } }
}
