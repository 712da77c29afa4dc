// One version of an accepted event, as a staging table or a message of a batch has it.

import { derivedEventId, identityOf } from '../event/identity.ts'
import type { CarEvent } from '../event/parse.ts'

/** The columns of an event that a change event carries. None of them is personal. */
export const FACTS = [
  'type',
  'amount',
  'partial',
  'currency',
  'car_model',
  'vehicle_make',
  'vehicle_model',
  'vehicle_year',
  'timestamp',
] as const satisfies readonly (keyof CarEvent)[]

type Facts = Pick<CarEvent, (typeof FACTS)[number]>

export type StagedVersion = Facts &
  Pick<CarEvent, 'partner_id' | 'order_id' | 'event_id' | 'content_hash'> & {
    readonly message_id: string
    /** RFC 3339, UTC, microseconds; so is `ingested_at`. */
    readonly publish_time: string
    readonly batch_id: string
    /** When BigQuery took the row; null where the version comes from a message and not from a row. */
    readonly ingested_at: string | null
  }

/** Distinguishes orders: two partners may use the same number. */
export const orderOf = ({ partner_id, order_id }: Pick<CarEvent, 'partner_id' | 'order_id'>) =>
  JSON.stringify([partner_id, order_id])

/** Distinguishes the events of all orders. */
export const eventOf = (version: StagedVersion) => JSON.stringify(identityOf(version))

/** The same for every row of a message that was staged again, and another one where its contents were edited. */
export const versionOf = (version: StagedVersion) =>
  JSON.stringify([
    ...identityOf(version),
    version.content_hash,
    version.message_id,
    version.publish_time,
  ])

export function factsOf(version: StagedVersion): Facts {
  const { type, amount, partial, currency, car_model, timestamp } = version
  const { vehicle_make, vehicle_model, vehicle_year } = version
  const vehicle = { vehicle_make, vehicle_model, vehicle_year }
  return { type, amount, partial, currency, car_model, ...vehicle, timestamp }
}

export const hasSameFacts = (one: Facts, other: Facts): boolean =>
  FACTS.every((name) => one[name] === other[name])

/** Null where the partner gave none: the derived one stands for contents that are personal. */
export const ownEventId = ({ event_id, content_hash }: StagedVersion): string | null =>
  event_id === derivedEventId(content_hash) ? null : event_id
