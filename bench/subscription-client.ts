// Fills the subscription stand-in and asks what was acknowledged.

import { z } from 'zod'
import { ask } from './ask.ts'

export type Subscriptions = {
  /** host:port, as PUBSUB_EMULATOR_HOST takes it. */
  readonly address: string
  fill(subscription: string, count: number): Promise<void>
  state(subscription: string): Promise<SubscriptionState>
}

export type SubscriptionState = z.output<typeof state>

const state = z.object({ acknowledged: z.number(), meanBytes: z.number() })

/** @param addresses as the stand-in prints them: of the subscription and of its control */
export function subscriptionsAt(addresses: string): Subscriptions {
  const [address = '', control = ''] = addresses.split(' ')
  return {
    address,
    fill: async (name, count) => {
      await ask(`${control}/fill?subscription=${name}&count=${count}`)
    },
    state: async (name) => state.parse(await ask(`${control}/state?subscription=${name}`)),
  }
}
