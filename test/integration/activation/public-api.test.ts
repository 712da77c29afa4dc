// The client of Segment's Public API: what it sends, how it takes every answer, and that its token goes nowhere else.

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { createPublicApi } from '#activation/segment/public-api'
import { type AnsweringServer, says, startAnsweringServer } from '../../support/answering-server.ts'
import { portOf } from '../../support/port-of.ts'

let server: AnsweringServer
beforeAll(async () => {
  server = await startAnsweringServer()
})
afterAll(() => server.close())
afterEach(() => void jest.restoreAllMocks())

const TOKEN = 'secret-token'
const api = (host = server.url) => createPublicApi({ host, token: TOKEN })

test('a request has its method, path, body, token and the version of the API', async () => {
  const asked: unknown[] = []
  const keep = async ({ method, url, headers }: IncomingMessage, body: Promise<string>) =>
    asked.push([
      method,
      url,
      headers.authorization,
      headers.accept,
      headers['content-type'],
      await body,
    ])
  const listener = createServer(
    (request, response) =>
      void keep(request, text(request)).then(() => response.end('{"data":{"id":1}}')),
  )
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const segment = api(`http://127.0.0.1:${portOf(listener)}`)
  expect(await segment.request('POST', '/regulations?x=1', { a: 1 })).toEqual({ id: 1 })
  expect(await segment.request('GET', '/regulations/7')).toEqual({ id: 1 })
  listener.closeAllConnections()
  listener.close()
  const type = 'application/vnd.segment.v1+json'
  expect(asked).toEqual([
    ['POST', '/regulations?x=1', `Bearer ${TOKEN}`, type, type, '{"a":1}'],
    ['GET', '/regulations/7', `Bearer ${TOKEN}`, type, undefined, ''],
  ])
})

test.each([
  [400, 'segment_request', true],
  [422, 'segment_request', true],
  [401, 'segment_setup', false],
  [403, 'segment_setup', false],
  [404, 'segment_setup', false],
  [408, 'segment_unavailable', false],
  [429, 'segment_throttled', false],
  [500, 'segment_unavailable', false],
  [503, 'segment_unavailable', false],
])('%i is the failure %s, and ends the retries: %p', async (status, type, nonRetryable) => {
  server.answer(says(status, { errors: [{ message: 'jane@example.com' }] }))
  const failed: unknown = await api()
    .request('GET', '/')
    .catch((error: unknown) => error)
  expect(failed).toMatchObject({ type, nonRetryable })
  expect(String(failed)).toContain(String(status))
  expect(String(failed)).not.toMatch(/jane|secret/)
})

test.each([301, 302, 303, 307, 308])(
  'a redirect with %i is not followed, so that the token does not go elsewhere',
  async (status) => {
    server.answer((response, { url }) =>
      url === '/here'
        ? response.writeHead(status, { location: '/elsewhere' }).end()
        : response.end('{"data":1}'),
    )
    await expect(api().request('GET', '/here')).rejects.toMatchObject({ type: 'segment_setup' })
    expect(server.requests()).toBe(1)
  },
)

test.each(['', 'null', '[]', '<html></html>', '{"data":'])(
  'a success that says %j is no answer of the API',
  async (body) => {
    server.answer(says(200, body))
    await expect(api().request('GET', '/')).rejects.toMatchObject({
      type: 'segment_unavailable',
      message: expect.stringContaining('not one of Segment’s Public API'),
    })
  },
)

test('429 is obeyed, and where nothing answers, a later attempt may succeed', async () => {
  server.answer(says(429, '', { 'retry-after': '30' }))
  await expect(api().request('GET', '/')).rejects.toMatchObject({ nextRetryDelay: 30_000 })
  const closed = await startAnsweringServer()
  await closed.close()
  await expect(api(closed.url).request('GET', '/')).rejects.toMatchObject({
    type: 'segment_unavailable',
    message: expect.stringContaining('ECONNREFUSED'),
    nonRetryable: false,
  })
})

test('the API has twenty seconds to answer', async () => {
  const timeout = jest.spyOn(AbortSignal, 'timeout')
  server.answer(says(200, { data: 1 }))
  expect(await api().request('GET', '/')).toBe(1)
  expect(timeout.mock.calls).toEqual([[20_000]])
})
