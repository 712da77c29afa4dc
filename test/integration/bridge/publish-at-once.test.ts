// A publish counts where Pub/Sub gives each message an id of its own, and not otherwise.

import { afterEach, expect, test } from '@jest/globals'
import { grpc } from 'google-gax'
import protobuf from 'protobufjs'
import { publish } from '#operations/send/publish'
import { createPublisher, publishAtOnce, UnconfirmedPublishError } from '#runtime/pubsub'
import { field, rawMethod } from '../../../bench/load/raw-grpc.ts'

const servers: grpc.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown()
})

/** The address of a Pub/Sub whose every answer to a publish has these message ids: a PublishResponse, message_ids 1. */
async function startAnswering(ids: readonly string[]) {
  const server = new grpc.Server()
  servers.push(server)
  const answer = new protobuf.Writer()
  for (const id of ids) answer.uint32(field(1)).string(id)
  const bytes = Buffer.from(answer.finish())
  server.addService(
    { Publish: rawMethod('/google.pubsub.v1.Publisher/Publish') },
    { Publish: (_call: unknown, reply: grpc.sendUnaryData<Buffer>) => reply(null, bytes) },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { GOOGLE_CLOUD_PROJECT: 'local', PUBSUB_EMULATOR_HOST: `127.0.0.1:${port}` }
}

const TWO = Array.from({ length: 2 }, () => ({ data: Buffer.from('x'), attributes: {} }))

async function publishTwo(ids: readonly string[]): Promise<readonly string[]> {
  const publisher = createPublisher(await startAnswering(ids))
  try {
    return await publishAtOnce(publisher, 'projects/local/topics/t', TWO)
  } finally {
    await publisher.close()
  }
}

/** What `npm run send` and `npm run replay` publish with. @returns what it told of its progress */
async function sendTwo(ids: readonly string[], told: number[]): Promise<number> {
  const onPublished = (count: number) => void told.push(count)
  return publish(await startAnswering(ids), TWO, { topic: 't', onPublished })
}

test('an id for each message is a publish', async () => {
  expect(await publishTwo(['1', '2'])).toEqual(['1', '2'])
  const told: number[] = []
  expect(await sendTwo(['1', '2'], told)).toBe(2)
  expect(told).toEqual([2])
})

test.each([
  ['no id', []],
  ['an id too few', ['1']],
  ['an id too many', ['1', '2', '3']],
  ['an empty id', ['1', '']],
  ['the same id twice', ['1', '1']],
])('%s is none', async (_what, ids) => {
  await expect(publishTwo(ids)).rejects.toThrow(UnconfirmedPublishError)
  const told: number[] = []
  await expect(sendTwo(ids, told)).rejects.toThrow(UnconfirmedPublishError)
  expect(told).toEqual([])
})
