// The Pub/Sub port of the bridge: pull deliveries, and acknowledge them.

import type { protos, v1 } from '@google-cloud/pubsub'
import { routingHeader } from 'google-gax'
import type { Message } from '#contracts'
import { subscriptionPath } from '#runtime/pubsub'
import { codeOf, GRPC } from '#runtime/status-codes'

/** A message and the id that acknowledges this delivery of it. */
export type Delivery = { readonly ackId: string; readonly message: Message }

export type Source = {
  /**
   * Waits for messages as long as the server does, and resolves to `max` of them at most, or to none.
   * When `signal` aborts, it resolves to none at once; Pub/Sub delivers again what it sent in the meantime.
   */
  pull(max: number, signal: AbortSignal): Promise<readonly Delivery[]>
  acknowledge(ackIds: readonly string[]): Promise<void>
}

/** The time-out of a pull: longer than Pub/Sub keeps an empty pull open. */
export const PULL_TIMEOUT_MS = 120_000

/** An acknowledge request may have 512 KiB, and an ack id some 200 bytes. */
const MAX_ACK_IDS = 2_000

export function createPubSubSource(
  client: v1.SubscriberClient,
  project: string,
  name: string,
): Source {
  const subscription = subscriptionPath(project, name)
  return {
    pull: async (max, signal) => {
      await client.initialize()
      if (signal.aborted) return []
      const call = startPull(client, subscription, max)
      const cancel = () => call.cancel()
      signal.addEventListener('abort', cancel, { once: true })
      try {
        const [response] = await call
        return (response.receivedMessages ?? []).map(toDelivery)
      } catch (error) {
        if (isEmptyPull(error)) return []
        throw error
      } finally {
        signal.removeEventListener('abort', cancel)
      }
    },
    acknowledge: async (ackIds) => {
      for (let first = 0; first < ackIds.length; first += MAX_ACK_IDS) {
        await client.acknowledge({ subscription, ackIds: ackIds.slice(first, first + MAX_ACK_IDS) })
      }
    },
  }
}

type PullCall = Promise<[protos.google.pubsub.v1.IPullResponse]> & { cancel(): void }

/** The generated call behind `client.pull`. It can be cancelled, and the promise of `client.pull` cannot. */
function startPull(client: v1.SubscriberClient, subscription: string, max: number): PullCall {
  const headers = { 'x-goog-request-params': routingHeader.fromParams({ subscription }) }
  const options = { timeout: PULL_TIMEOUT_MS, retry: null, otherArgs: { headers } }
  const call: unknown = client.innerApiCalls['pull']?.({ subscription, maxMessages: max }, options)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the client's own types say only Function
  return call as PullCall
}

function isEmptyPull(error: unknown): boolean {
  const code = codeOf(error)
  return code === GRPC.CANCELLED || code === GRPC.DEADLINE_EXCEEDED
}

function toDelivery({ ackId, message }: protos.google.pubsub.v1.IReceivedMessage): Delivery {
  const { messageId, publishTime, attributes, data } = message ?? {}
  return {
    ackId: ackId ?? '',
    message: {
      messageId: messageId ?? '',
      publishTime: toRfc3339(publishTime),
      attributes: { ...attributes },
      data: typeof data === 'string' ? Buffer.from(data, 'base64') : (data ?? new Uint8Array()),
    },
  }
}

/** Microseconds, the precision BigQuery keeps. */
function toRfc3339(time: protos.google.protobuf.ITimestamp | null | undefined): string {
  const nanos = time?.nanos ?? 0
  const millis = Number(time?.seconds ?? 0) * 1000 + Math.floor(nanos / 1_000_000)
  const micros = String(Math.floor(nanos / 1000) % 1000).padStart(3, '0')
  return new Date(millis).toISOString().replace('Z', `${micros}Z`)
}
