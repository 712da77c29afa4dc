// Turns made events into Pub/Sub messages: mostly good, some broken, some sent twice.

import { base, en, Faker } from '@faker-js/faker'
import type { Publishable } from '#runtime/pubsub'
import { BREAKS } from './invalid-events.ts'
import { createEventSource } from './valid-events.ts'

export type Mix = {
  readonly count: number
  readonly partners: number
  /** Share of messages that break the contract, 0 to 1. */
  readonly invalid: number
  /** Share of messages that repeat an earlier one exactly, 0 to 1. */
  readonly repeated: number
  readonly seed: number
}

/** Yields exactly `count` messages; the same mix on the same day yields the same. */
export function* makeMessages(mix: Mix, now: Date): Generator<Publishable> {
  const source = createEventSource(mix.seed, mix.partners, now)
  const faker = new Faker({ locale: [en, base], seed: mix.seed + 1 })
  const reasons = faker.helpers.shuffle([...BREAKS.keys()])
  const sent: Publishable[] = []
  let broken = 0
  for (let made = 0; made < mix.count; made++) {
    const lot = faker.number.float()
    const earlier =
      lot < mix.repeated ? faker.helpers.arrayElement([...sent.slice(-500), null]) : null
    if (earlier) {
      yield earlier
      continue
    }
    const { partner, event, attributes } = source.next()
    const isBroken = lot >= mix.repeated && lot < mix.repeated + mix.invalid
    const reason = isBroken ? reasons[broken++ % reasons.length] : undefined
    const data = BREAKS.get(reason ?? '')?.(event) ?? Buffer.from(JSON.stringify(event))
    // Pub/Sub takes no message that has neither data nor attributes.
    const message = { data, attributes: reason ? { partner_id: partner } : attributes }
    if (!isBroken) sent.push(message)
    yield message
  }
}
