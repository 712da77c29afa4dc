// The steps of the governor of activation: read the limit of the queue, and set it.

import { log } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { governedBy, type QueueLimit, type QueueReading } from '#contracts'
import { readActivationQueue, writeActivationLimit } from '#runtime/activation-queue'
import type { GovernorMetrics } from '#runtime/metrics/groups'
import { RESTORED } from '#runtime/metrics/worker-metrics'
import { temporalFailure } from '../temporal-failure.ts'

export type GovernorActivities = ReturnType<typeof createGovernorActivities>

export function createGovernorActivities(
  client: Client,
  taskQueue: string,
  { limitChanges }: GovernorMetrics,
) {
  return {
    /** @throws ApplicationFailure of the registry */
    async readActivationLimit(): Promise<QueueReading> {
      try {
        const { backlog: _backlog, ...reading } = await readActivationQueue(client, taskQueue)
        return reading
      } catch (error) {
        throw temporalFailure('The limit of activation cannot be read', error)
      }
    },

    /** Safe to repeat. @throws ApplicationFailure of the registry */
    async setActivationLimit(limit: QueueLimit): Promise<void> {
      try {
        await writeActivationLimit(client, taskQueue, limit)
      } catch (error) {
        throw temporalFailure('The limit of activation cannot be set', error)
      }
      const state = governedBy(limit.identity)?.state ?? RESTORED
      limitChanges.add(1, { state })
      const { perSecond, reason } = limit
      log.warn('the governor changed the limit of activation', { state, perSecond, reason })
    },
  }
}
