// What the readiness probe of the bridge is told, and a source that tells it whether Pub/Sub answers its pulls.

import { monotonicMs } from '#runtime/clock'
import { type Readiness, servicesThatDoNotAnswer } from '#runtime/readiness'
import { PULL_TIMEOUT_MS, type Source } from './source.ts'

/** @param service what the pulls are about, as the readiness probe names it */
export function tellReadiness(source: Source, service: string, readiness: Readiness): Source {
  return {
    ...source,
    pull: async (max, signal) => {
      const asked = monotonicMs()
      try {
        const deliveries = await source.pull(max, signal)
        // Pub/Sub answers an empty pull earlier.
        if (monotonicMs() - asked >= PULL_TIMEOUT_MS) readiness.unanswered(service, asked)
        else readiness.answered(service)
        return deliveries
      } catch (error) {
        readiness.unanswered(service, asked)
        throw error
      }
    },
  }
}

/** Why the bridge pulls nothing at the moment. @param stop is aborted while the bridge drains */
export const whyBridgeIsNotReady = (stop: AbortSignal, readiness: Readiness): string[] =>
  stop.aborted
    ? ['the bridge drains and takes no new messages']
    : servicesThatDoNotAnswer(readiness)
