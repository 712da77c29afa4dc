// A pipeline for load at steady rates, through Google's Pub/Sub fake: one bridge, one worker, and a topic of its own.

import { setUpPubSub } from '#operations/setup/pubsub'
import { createPublisher, topicPath } from '#runtime/pubsub'
import { type PipelineProcesses, startPipeline } from './contenders/pipeline.ts'
import { publishSteadily, type SteadyLoad } from './load/publish-steadily.ts'
import type { Rig } from './rig.ts'

export type Live = PipelineProcesses & {
  /** Publishes to its topic. */
  publish(load: Omit<SteadyLoad, 'topic'>): ReturnType<typeof publishSteadily>
  /** Before the rig does; what is under way goes on with the next pipeline of this topic. */
  stop(): Promise<void>
}

const PROJECT = 'local'
const RETRY = 'retry'

/**
 * @param rig with a Pub/Sub
 * @param topic also the name of its subscription and of its task queue
 * @param env of its processes, beside the rig's
 */
export async function startLive(
  rig: Rig,
  topic: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Live> {
  const { PUBSUB_EMULATOR_HOST } = rig.env
  const address = { GOOGLE_CLOUD_PROJECT: PROJECT, PUBSUB_EMULATOR_HOST }
  await setUpPubSub(address, [
    { topic, subscriptions: [topic] },
    { topic: RETRY, subscriptions: [RETRY] },
  ])
  const { bridge, workers } = await startPipeline(rig, {
    subscription: topic,
    workers: 1,
    env: { ...env, PUBSUB_RETRY_SUBSCRIPTION: RETRY },
  })
  const publisher = createPublisher(address)
  return {
    bridge,
    workers,
    publish: (load) => publishSteadily(publisher, { ...load, topic: topicPath(PROJECT, topic) }),
    stop: async () => {
      await Promise.all([...[bridge, ...workers].map((one) => one.stop()), publisher.close()])
    },
  }
}
