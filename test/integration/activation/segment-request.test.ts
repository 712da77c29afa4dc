// One request: whatever the other side does with the connection is an answer, and never the end of the process.

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, jest, test } from '@jest/globals'
import { request } from '#activation/segment/segment-request'

afterEach(() => void jest.restoreAllMocks())

async function askedOf(listener: RequestListener, how: { readonly timeoutMs?: number } = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on a port has one
  const { port } = server.address() as AddressInfo
  try {
    const url = `http://127.0.0.1:${port}/v1/batch`
    return await request({
      url,
      headers: { 'content-type': 'text/plain' },
      body: 'é'.repeat(400_000),
      ...how,
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('the body and the headers arrive whole, and a good answer has no service error', async () => {
  const bytes: number[] = []
  const asked: unknown[] = []
  const answered = await askedOf((incoming, response) => {
    asked.push([incoming.method, incoming.url, incoming.headers['content-type']])
    incoming.on('data', (chunk: Buffer) => bytes.push(chunk.length))
    incoming.on('end', () => response.end('{"success":true}'))
  })
  expect(answered).toMatchObject({ response: { status: 200 }, serviceError: null })
  expect(bytes.reduce((sum, length) => sum + length, 0)).toBe(800_000)
  expect(asked).toEqual([['POST', '/v1/batch', 'text/plain']])
})

test.each([
  [301, { location: 'http://127.0.0.1/' }, '', {}],
  [400, {}, 'bad', {}],
  [429, { 'retry-after': '7' }, 'slow down', { retryAfterSeconds: 7 }],
  [503, { 'x-request-id': 'req-0123456789' }, '', { requestId: 'req-0123456789' }],
  [503, { 'x-request-id': 'jane@example.com' }, '', { requestId: undefined }],
])(
  '%i is a service error, and what it says is kept apart from the message',
  async (status, headers, said, fault) => {
    const answered = await askedOf((incoming, response) => {
      incoming.resume().on('end', () => response.writeHead(status, headers).end(said))
    })
    expect(answered.serviceError).toEqual({ status, said, ...fault })
  },
)

test.each([
  ['before it answers', 0],
  ['in the middle of its answer', 1],
])('a connection that breaks %s is no answer', async (_when, written) => {
  const answered = await askedOf((incoming, response) => {
    incoming.resume().on('end', () => {
      response.writeHead(200, { 'content-length': '100' })
      if (written === 0) incoming.socket.destroy()
      else response.write('x', () => incoming.socket.destroy())
    })
  })
  expect(answered).toMatchObject({
    response: null,
    serviceError: { reason: 'ECONNRESET' },
  })
  expect(answered.serviceError?.status).toBeUndefined()
})

test.each([
  ['nothing', 0],
  ['half an answer', 1],
])('a server that sends %s and hangs is given up, and it says so', async (_what, written) => {
  const answered = await askedOf(
    (incoming, response) => {
      incoming.resume().on('end', () => {
        if (written > 0) response.writeHead(200, { 'content-length': '100' }).write('x')
      })
    },
    { timeoutMs: 200 },
  )
  expect(answered).toMatchObject({
    response: null,
    serviceError: { message: 'not within 0.2 s' },
  })
})

test.each(['http', 'https'])('nobody there is no answer, by %s', async (scheme) => {
  const url = `${scheme}://127.0.0.1:1/v1/batch`
  const answered = await request({ url, headers: {}, body: '' })
  expect(answered).toMatchObject({
    response: null,
    serviceError: { reason: 'ECONNREFUSED' },
  })
})

test('Segment has ten seconds to answer, where the caller says nothing else', async () => {
  const timeout = jest.spyOn(AbortSignal, 'timeout')
  await askedOf((incoming, response) => {
    incoming.resume().on('end', () => response.end('{"success":true}'))
  })
  expect(timeout.mock.calls).toEqual([[10_000]])
})
