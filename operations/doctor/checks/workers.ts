// Checks that a worker polls each task queue of the pipeline.

import type { Client } from '@temporalio/client'
import { activationQueue } from '#contracts'
import { isServed } from '#runtime/task-queue-pollers'
import { type Finding, type Report, warning } from '../finding.ts'
import type { Site } from '../site.ts'

export async function checkWorkers(site: Site): Promise<Report> {
  const client = await site.temporal()
  const queue = site.config.TEMPORAL_TASK_QUEUE
  const queues = [
    [queue, 'workflows'],
    [activationQueue(queue), 'activities'],
  ] as const
  const findings = await Promise.all(queues.map(([name, tasks]) => judge(client, name, tasks)))
  return {
    seen: `pollers of ${queue} and its activation`,
    findings: findings.flat(),
  }
}

async function judge(
  client: Client,
  name: string,
  tasks: 'workflows' | 'activities',
): Promise<Finding[]> {
  if (await isServed(client, name, tasks)) return []
  const what = 'No worker polls it: batches are stored, and wait.'
  const fix =
    'Start a worker (npm run worker), and compare TEMPORAL_TASK_QUEUE and TEMPORAL_NAMESPACE with its own.'
  return [warning(`task queue ${name}`, what, fix)]
}
