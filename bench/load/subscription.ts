// Stands in for a full Pub/Sub subscription: hands out numbered messages as fast as asked, and counts acknowledgements.
// Google's own fake slows with its backlog (64 k messages/s at 20 k, 13 k at 200 k), so it cannot hold a million.

import { createServer, type ServerResponse } from 'node:http'
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { z } from 'zod'
import { wallClockMs } from '#runtime/clock'
import { createEventPool, type EventPool } from './events.ts'
import { field, rawMethod } from './raw-grpc.ts'

type Backlog = {
  handedOut: number
  acknowledged: number
  readonly size: number
  readonly seen: Uint8Array
  readonly publishedAt: number
}

/** How long a pull of an empty subscription waits. */
const EMPTY_PULL_MS = 200

const PARTNERS = 5

const { Reader, Writer } = protobuf

/** Serves on 127.0.0.1 until the process ends; prints its gRPC address and its control's. Control: `POST /fill?subscription=S&count=N`, `GET /state?subscription=S`. */
async function main(): Promise<void> {
  const pool = createEventPool(PARTNERS)
  const backlogs = new Map<string, Backlog>()
  const grpcPort = await serveGrpc(pool, backlogs)
  const control = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    answerControl(backlogs, pool, url, response)
  })
  control.listen(0, '127.0.0.1', () => {
    const { port } = z.object({ port: z.number() }).parse(control.address())
    process.stdout.write(`{"listening":"127.0.0.1:${grpcPort} http://127.0.0.1:${port}"}\n`)
  })
}

function answerControl(
  backlogs: Map<string, Backlog>,
  pool: EventPool,
  url: URL,
  response: ServerResponse,
): void {
  const name = url.searchParams.get('subscription') ?? ''
  if (url.pathname === '/fill') {
    const size = Number(url.searchParams.get('count'))
    const publishedAt = wallClockMs()
    backlogs.set(name, {
      handedOut: 0,
      acknowledged: 0,
      size,
      seen: new Uint8Array(size),
      publishedAt,
    })
  }
  const { handedOut = 0, acknowledged = 0 } = backlogs.get(name) ?? {}
  response.end(JSON.stringify({ handedOut, acknowledged, meanBytes: pool.meanBytes }))
}

type PullRequest = { readonly subscription: string; readonly max: number }
type AckRequest = { readonly subscription: string; readonly ackIds: readonly string[] }

const service: ServiceDefinition = {
  pull: {
    ...rawMethod('/google.pubsub.v1.Subscriber/Pull'),
    requestDeserialize: readPullRequest,
  },
  acknowledge: {
    ...rawMethod('/google.pubsub.v1.Subscriber/Acknowledge'),
    requestDeserialize: readAckRequest,
  },
}

async function serveGrpc(pool: EventPool, backlogs: Map<string, Backlog>): Promise<number> {
  const server = new Server({ 'grpc.max_send_message_length': -1 })
  server.addService(service, {
    pull: (call: { request: PullRequest }, reply: (error: null, bytes: Buffer) => void) => {
      const backlog = backlogs.get(nameOf(call.request.subscription))
      const bytes = backlog ? handOut(pool, backlog, call.request.max) : Buffer.alloc(0)
      if (bytes.length > 0) reply(null, bytes)
      else setTimeout(() => reply(null, bytes), EMPTY_PULL_MS)
    },
    acknowledge: (call: { request: AckRequest }, reply: (error: null, bytes: Buffer) => void) => {
      const backlog = backlogs.get(nameOf(call.request.subscription))
      if (backlog) acknowledge(backlog, call.request.ackIds)
      reply(null, Buffer.alloc(0))
    },
  })
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })
}

const nameOf = (path: string) => path.split('/').at(-1) ?? ''

function acknowledge(backlog: Backlog, ackIds: readonly string[]): void {
  for (const id of ackIds) {
    const [publishedAt, number] = id.split('-').map(Number)
    // What an earlier filling left behind is not this one's.
    if (publishedAt !== backlog.publishedAt || number === undefined) continue
    if (backlog.seen[number] !== 0) continue
    backlog.seen[number] = 1
    backlog.acknowledged++
  }
}

/** A PullResponse of at most `max` messages. */
function handOut(pool: EventPool, backlog: Backlog, max: number): Buffer {
  const writer = new Writer()
  const end = Math.min(backlog.size, backlog.handedOut + max)
  for (let number = backlog.handedOut; number < end; number++) {
    const { data, attributes } = pool.make({ number, sentAt: 0, group: 'n' })
    writer.uint32(field(1)).fork()
    writer.uint32(field(1)).string(`${backlog.publishedAt}-${number}`)
    writer.uint32(field(2)).fork()
    writer.uint32(field(1)).bytes(data)
    for (const [key, value] of Object.entries(attributes)) {
      writer.uint32(field(2)).fork()
      writer.uint32(field(1)).string(key).uint32(field(2)).string(value).ldelim()
    }
    writer.uint32(field(3)).string(String(number))
    writer.uint32(field(4)).fork()
    writer.uint32(8).int64(Math.floor(backlog.publishedAt / 1000))
    writer
      .uint32(16)
      .int32((backlog.publishedAt % 1000) * 1_000_000)
      .ldelim()
    writer.ldelim().ldelim()
  }
  backlog.handedOut = end
  return Buffer.from(writer.finish())
}

function readPullRequest(bytes: Buffer): PullRequest {
  const reader = Reader.create(bytes)
  let [subscription, max] = ['', 1]
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === field(1)) subscription = reader.string()
    else if (tag === 3 << 3) max = reader.int32()
    else reader.skipType(tag & 7)
  }
  return { subscription, max }
}

function readAckRequest(bytes: Buffer): AckRequest {
  const reader = Reader.create(bytes)
  let subscription = ''
  const ackIds: string[] = []
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === field(1)) subscription = reader.string()
    else if (tag === field(2)) ackIds.push(reader.string())
    else reader.skipType(tag & 7)
  }
  return { subscription, ackIds }
}

await main()
