// Starts the stand-ins for load: sinks that check and count, and a subscription that is as full as wanted.

import { listeningLine } from '../deploy/local/probes.ts'
import { nodeCommand, type RunningProcess, startProcess } from '../deploy/local/process.ts'
import { type Sinks, sinksAt } from './sinks-client.ts'
import { type Subscriptions, subscriptionsAt } from './subscription-client.ts'

export type StandIns = {
  readonly sinks: Sinks
  readonly subscriptions: Subscriptions
  stop(): Promise<void>
}

/** Each is a process of its own. */
export async function startStandIns(logDir: string): Promise<StandIns> {
  const [sinks, subscription] = await Promise.all([
    startLoad('sinks', logDir),
    startLoad('subscription', logDir),
  ])
  return {
    sinks: sinksAt(sinks.address),
    subscriptions: subscriptionsAt(subscription.address),
    stop: async () => {
      await Promise.all([sinks.stop(), subscription.stop()])
    },
  }
}

function startLoad(name: 'sinks' | 'subscription', logDir: string): Promise<RunningProcess> {
  const command = nodeCommand(`bench/load/${name}.ts`)
  return startProcess({ name, command, logDir, ready: listeningLine })
}
