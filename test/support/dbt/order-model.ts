// What the marts `orders` and `daily_conversions` must have, computed from the marts of events without SQL.

import { sumOf } from '#contracts/event/sum'
import { groupBy } from '#runtime/group-by'

export type Bought = {
  readonly partner_id: string
  readonly order_id: string
  readonly car_model: string
  readonly currency: string
  readonly amount: string
  readonly moment: string
}
export type Cancelled = Pick<Bought, 'partner_id' | 'order_id' | 'moment'> & {
  readonly amount: string | null
  readonly is_partial: boolean
}

const SEVERAL = 'several'

const keyOf = ({ partner_id, order_id }: Pick<Bought, 'partner_id' | 'order_id'>) =>
  JSON.stringify([partner_id, order_id])

const onlyOf = (values: readonly string[]) => {
  const [first = null, ...others] = new Set(values)
  return others.length > 0 ? SEVERAL : first
}

const first = (times: readonly string[]) => times.toSorted()[0] ?? null

/** In any order of the rows. */
export function ordersOf(purchases: readonly Bought[], cancellations: readonly Cancelled[]) {
  const bought = groupBy(purchases, keyOf)
  const cancelled = groupBy(cancellations, keyOf)
  return [...new Set([...bought.keys(), ...cancelled.keys()])].map((key) =>
    orderOf(bought.get(key) ?? [], cancelled.get(key) ?? []),
  )
}

function orderOf(bought: readonly Bought[], cancelled: readonly Cancelled[]) {
  const currency = onlyOf(bought.map((one) => one.currency))
  const hasSum = currency !== null && currency !== SEVERAL
  const gross = hasSum ? sumOf(bought.map(({ amount }) => amount)) : null
  const parts = cancelled.filter((one) => one.is_partial)
  const reduced = sumOf(parts.flatMap(({ amount }) => amount ?? []))
  const wholly = first(cancelled.filter((one) => !one.is_partial).map(({ moment }) => moment))
  const partly =
    parts
      .map(({ moment }) => moment)
      .toSorted()
      .at(-1) ?? null
  const left = gross === null ? null : sumOf([gross, `-${reduced}`])
  const isUsedUp = left !== null && (left === '0' || left.startsWith('-'))
  const cancelledAt = wholly ?? (isUsedUp ? partly : null)
  return {
    partner_id: bought[0]?.partner_id ?? cancelled[0]?.partner_id ?? '',
    order_id: bought[0]?.order_id ?? cancelled[0]?.order_id ?? '',
    status: statusOf(bought.length, cancelledAt, partly),
    car_model: onlyOf(bought.map((one) => one.car_model)),
    currency,
    purchases: bought.length,
    cancellations: cancelled.length,
    gross,
    net: cancelledAt === null || gross === null ? left : '0',
    ordered_at: first(bought.map(({ moment }) => moment)),
    cancelled_at: cancelledAt,
  }
}

function statusOf(purchases: number, cancelledAt: string | null, partly: string | null) {
  if (purchases === 0) return 'purchase_unknown'
  if (cancelledAt !== null) return 'cancelled'
  return partly === null ? 'purchased' : 'partly_cancelled'
}

/** A day, partner, model and currency each; orders without a purchase have no day. */
export function daysOf(orders: ReturnType<typeof ordersOf>) {
  const dated = orders.flatMap((one) =>
    one.ordered_at === null ? [] : [{ ...one, day: one.ordered_at.slice(0, 10) }],
  )
  const days = groupBy(dated, ({ day, partner_id, car_model, currency }) =>
    JSON.stringify({ day, partner_id, car_model, currency }),
  )
  return [...days].map(([key, own]) => {
    const total = (amounts: readonly (string | null)[]) =>
      amounts.every((amount) => amount === null)
        ? null
        : sumOf(amounts.flatMap((amount) => amount ?? []))
    const cancelled = own.filter(({ status }) => status === 'cancelled').length
    const amounts = { gross: total(own.map((o) => o.gross)), net: total(own.map((o) => o.net)) }
    const named: object = JSON.parse(key)
    const counts = { orders: own.length, cancelled, conversions: own.length - cancelled }
    return { ...named, ...counts, ...amounts }
  })
}
