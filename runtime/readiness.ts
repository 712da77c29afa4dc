// Whether the services that a process cannot work without answer, for its readiness probe.

import { monotonicMs } from './clock.ts'
import type { ProcessMetrics } from './metrics/groups.ts'

export type Readiness = {
  /** The service has answered. */
  answered(service: string): void
  /** The service did not answer a request, or refused it. @param askedAtMs when it was asked, by `monotonicMs` */
  unanswered(service: string, askedAtMs: number): void
  /** The services that have not answered for too long; empty where the process can work. */
  unavailable(): readonly string[]
}

/**
 * The longest pause between two pulls that fail. One request that fails says little, because the next one may succeed; a
 * service that answers nothing for longer is unavailable.
 */
const UNAVAILABLE_AFTER_MS = 10_000

/** @param afterMs for how long a service must not have answered */
export function createReadiness(afterMs = UNAVAILABLE_AFTER_MS): Readiness {
  const failingSince = new Map<string, number>()
  return {
    answered: (service) => void failingSince.delete(service),
    unanswered: (service, askedAtMs) => {
      if (!failingSince.has(service)) failingSince.set(service, askedAtMs)
    },
    unavailable: () =>
      [...failingSince].flatMap(([service, since]) =>
        monotonicMs() - since >= afterMs ? [service] : [],
      ),
  }
}

/** As the readiness probe says it. */
export const servicesThatDoNotAnswer = (readiness: Readiness): string[] =>
  readiness.unavailable().map((service) => `${service} does not answer`)

const WATCH_EVERY_MS = 1_000

/** Sets the metric `process_ready` again and again, without keeping the process alive. */
export function watchReadiness(
  { ready }: Pick<ProcessMetrics, 'ready'>,
  whyNotReady: () => readonly string[],
): void {
  setInterval(() => ready.set(whyNotReady().length === 0 ? 1 : 0), WATCH_EVERY_MS).unref()
}
