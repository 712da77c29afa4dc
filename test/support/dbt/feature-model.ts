// What `order_features` has to say of staged rows, told in the plainest way: for each moment, from what was known by then.

import { groupBy } from '#runtime/group-by'
import type { StagedRow } from './lives.ts'

type Version = {
  readonly partner: string
  readonly order: string
  readonly event: string
  readonly isPurchase: boolean
  readonly isPartial: boolean
  readonly amount: number | null
  readonly currency: string
  readonly contents: string
  readonly published: string
  readonly messageId: string
  readonly known: string
}

export type Features = Readonly<Record<string, string | number | boolean | null>>

const WINDOW_MS = 30 * 24 * 3_600_000

/** One row for each order and moment. */
export function featuresOf(rows: readonly StagedRow[]): Features[] {
  const versions = versionsOf(rows)
  const orders = groupBy(versions, ({ partner, order }) => JSON.stringify([partner, order]))
  return [...orders.values()].flatMap((own) =>
    [...new Set(own.map(({ known }) => known))].map((moment) => rowAt(moment, own, versions)),
  )
}

function versionsOf(rows: readonly StagedRow[]): Version[] {
  const read = rows.map(({ row }) => ({
    partner: String(row['partner_id']),
    order: String(row['order_id']),
    event: `${String(row['type'])} ${String(row['event_id'])}`,
    isPurchase: row['type'] === 'purchase',
    isPartial: row['partial'] === true,
    amount: row['amount'] === null ? null : Number(row['amount']),
    currency: String(row['currency'] ?? 'unknown'),
    contents: String(row['content_hash']),
    published: String(row['publish_time']),
    messageId: String(row['message_id']),
    known: String(row['ingested_at']),
  }))
  const first = read.toSorted((one, other) => (one.known < other.known ? -1 : 1))
  return [...groupBy(first, (one) => one.messageId + one.contents).values()].flatMap((own) =>
    own.slice(0, 1),
  )
}

function rowAt(moment: string, own: readonly Version[], all: readonly Version[]): Features {
  const { partner = '', order = '' } = own[0] ?? {}
  const known = own.filter((one) => one.known <= moment)
  const events = groupBy(known, ({ event }) => event)
  const current = [...events.values()].map((versions) => versions.reduce(newer))
  const purchases = current.filter(({ isPurchase }) => isPurchase)
  const cancellations = current.filter(({ isPurchase }) => !isPurchase)
  const currencies = new Set(purchases.map(({ currency }) => currency))
  const gross = currencies.size === 1 ? sumOf(purchases) : null
  const isWhole = cancellations.some(({ isPartial }) => !isPartial)
  return {
    entity: `${encodeURIComponent(partner)}:${order}`,
    moment,
    purchases: purchases.length,
    cancellations: cancellations.length,
    corrections: [...events.values()]
      .map((versions) => new Set(versions.map((one) => one.contents)).size - 1)
      .reduce((a, b) => a + b, 0),
    gross,
    isCancelled:
      isWhole || (gross !== null && sumOf(cancellations) >= gross && cancellations.length > 0),
    ...windowOf(
      moment,
      all.filter((one) => one.partner === partner),
    ),
  }
}

const sumOf = (versions: readonly Version[]) =>
  versions.map(({ amount }) => amount ?? 0).reduce((a, b) => a + b, 0)

function newer(one: Version, other: Version): Version {
  const keys = (version: Version) => [version.published, version.messageId, version.known]
  const [a, b] = [keys(one), keys(other)]
  const at = a.findIndex((key, i) => key !== b[i])
  return (a[at] ?? '') < (b[at] ?? '') ? other : one
}

/** Orders of the partner whose first purchase, or first cancellation of the whole, became known in the 30 days. */
function windowOf(moment: string, all: readonly Version[]) {
  const firsts = (versions: readonly Version[]) =>
    [...groupBy(versions, ({ order }) => order).values()].map(
      (own) => own.map(({ known }) => known).toSorted()[0] ?? '',
    )
  const inWindow = (known: string) =>
    known <= moment && Date.parse(known) >= Date.parse(moment) - WINDOW_MS
  return {
    orders30d: firsts(all.filter(({ isPurchase }) => isPurchase)).filter(inWindow).length,
    cancelled30d: firsts(
      all.filter(({ isPurchase, isPartial }) => !isPurchase && !isPartial),
    ).filter(inWindow).length,
  }
}
