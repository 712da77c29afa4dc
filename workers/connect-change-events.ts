// Creates what change events are published with, where the configuration names a topic for them.

import { monotonicMs } from '#runtime/clock'
import type { WorkerConfig } from '#runtime/config'
import type { RemoteLog } from '#runtime/remote-log'
import { pubsubFailure } from '#runtime/service-error'
import type { Reader } from '#warehouse/read'
import { createBreaker } from '../activities/changes/breaker.ts'
import { createLookUpVersions } from '../activities/changes/look-up-versions.ts'
import type { ChangeEvents } from '../activities/publish-order-changes.ts'

/**
 * The first attempts are local activities, each of which holds one of the few slots of workflows for five seconds at most. After
 * one that is slow, the others fail at once for half a minute, so that an outage of Pub/Sub does not slow down staging.
 */
const BREAKER = { slowMs: 3_000, restMs: 30_000 }

export type ConnectedChangeEvents = {
  /** Absent where change events are off. */
  readonly changeEvents?: ChangeEvents
  readonly close: () => Promise<void>
}

/** Loads the client of Pub/Sub only where it is needed, since it takes memory in every thread. */
export async function connectChangeEvents(
  config: WorkerConfig,
  read: Reader,
  remoteLog: RemoteLog,
): Promise<ConnectedChangeEvents> {
  const { CHANGE_EVENTS_TOPIC: name, GOOGLE_CLOUD_PROJECT: project } = config
  if (name === undefined) return { close: async () => {} }
  const [{ createPublisher, topicPath }, { createPublishInOrder }] = await Promise.all([
    import('#runtime/pubsub'),
    import('../activities/changes/publish-in-order.ts'),
  ])
  const publisher = createPublisher(config)
  const slow = pubsubFailure({ message: 'an earlier batch has not been published after seconds' })
  return {
    changeEvents: {
      lookUp: createLookUpVersions(read),
      publish: createPublishInOrder(publisher, topicPath(project, name), remoteLog),
      breaker: createBreaker({ ...BREAKER, now: monotonicMs }, slow),
    },
    close: () => publisher.close(),
  }
}
