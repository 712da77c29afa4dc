// A Pub/Sub server whose answers a test decides, for what the fake never does.

import { grpc } from 'google-gax'
import { rawMethod } from '../../../bench/load/raw-grpc.ts'

type Call = grpc.ServerUnaryCall<Buffer, Buffer>

export type PubSubServer = {
  readonly host: string
  readonly stop: () => void
}

/** The empty message of any type. */
export const EMPTY = Buffer.alloc(0)

const method = (name: string) => rawMethod(`/google.pubsub.v1.Subscriber/${name}`)

type Answer = (call: Call) => Promise<Buffer>

export async function servePubSub(answers: {
  readonly pull?: Answer
  readonly acknowledge?: Answer
}): Promise<PubSubServer> {
  const server = new grpc.Server()
  const handle =
    (answer: Answer = () => Promise.resolve(EMPTY)) =>
    (call: Call, reply: grpc.sendUnaryData<Buffer>) => {
      answer(call).then(
        (message) => reply(null, message),
        (error: Error) => reply(error),
      )
    }
  server.addService(
    { Pull: method('Pull'), Acknowledge: method('Acknowledge') },
    { Pull: handle(answers.pull), Acknowledge: handle(answers.acknowledge) },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { host: `127.0.0.1:${port}`, stop: () => server.forceShutdown() }
}
