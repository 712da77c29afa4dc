// The stand-in for Segment beside the calls: deletions, sources, and the faults that it is told to show.

import { expect, test } from '@jest/globals'
import { createFaults, faultSchema } from '../../../deploy/local/segment/fault-injection.ts'
import { createRegulations } from '../../../deploy/local/segment/regulations.ts'
import { listSources } from '../../../deploy/local/segment/sources.ts'

const authorization = 'Bearer token'
const deletion = { regulationType: 'DELETE_ONLY', subjectType: 'USER_ID', subjectIds: ['u'] }
const ask = (body: object, more: object = {}) => {
  const regulations = createRegulations()
  const request = { route: 'POST /regulations', authorization, body: JSON.stringify(body), ...more }
  return { regulations, answer: regulations.answer(request) }
}

test('a deletion is kept, and found by the id that it is answered with', () => {
  const { regulations, answer } = ask(deletion)
  const id: string = Object(answer).body.data.regulateId
  expect(answer?.status).toBe(200)
  expect(regulations.all()).toMatchObject([{ ...deletion, id }])
  const find = (of: string) =>
    regulations.answer({ route: `GET /regulations/${of}`, authorization, body: '' })
  expect(find(id)).toMatchObject({
    status: 200,
    body: { data: { regulation: { id, overallStatus: 'INITIALIZED' } } },
  })
  expect(find('other')).toMatchObject({ status: 404 })
})

const subjects = (count: number) => ({
  ...deletion,
  subjectIds: Array.from({ length: count }, (_, i) => `u${i}`),
})

test.each([
  ['5,000 persons', subjects(5_000), {}, 200],
  ['one person more', subjects(5_001), {}, 422],
  ['nobody', subjects(0), {}, 422],
  ['an empty id', { ...deletion, subjectIds: [''] }, {}, 422],
  ['another kind', { ...deletion, regulationType: 'DELETE' }, {}, 422],
  ['a request without a token', deletion, { authorization: undefined }, 401],
  ['a token of another scheme', deletion, { authorization: 'Basic a2V5Og==' }, 401],
])('%s', (_what, body, more, status) => {
  expect(ask(body, more).answer?.status).toBe(status)
})

test('what is not about regulations is for others to answer', () => {
  expect(ask({}, { route: 'GET /sources' }).answer).toBeUndefined()
})

test('one source is enabled, and one is switched off', () => {
  expect(listSources(undefined).status).toBe(401)
  expect(listSources(authorization)).toMatchObject({
    status: 200,
    body: {
      data: {
        sources: [
          { enabled: true, writeKeys: ['demo', 'local', 'test'] },
          { enabled: false, writeKeys: ['disabled'] },
        ],
        pagination: { totalEntries: 2 },
      },
    },
  })
})

test('a fault meets every so many requests that match, as often as it is told, and the oldest comes first', () => {
  const faults = createFaults()
  faults.add(faultSchema.parse({ status: 500, every: 3, times: 2, match: 'x' }))
  faults.add(faultSchema.parse({ status: 429, match: 'y' }))
  const statuses = (body: string, count: number) =>
    Array.from({ length: count }, () => faults.take(body)?.status ?? 200)
  expect(statuses('a', 3)).toEqual([200, 200, 200])
  expect(statuses('x', 10)).toEqual([200, 200, 500, 200, 200, 500, 200, 200, 200, 200])
  expect(statuses('y', 2)).toEqual([429, 429])
  faults.clear()
  expect(statuses('y', 1)).toEqual([200])
})

test.each([{ status: 399 }, { status: 600 }, { times: 0 }, { every: 0 }, { delayMs: -1 }])(
  'the fault %j is none',
  (fault) => {
    expect(faultSchema.safeParse(fault).success).toBe(false)
  },
)
