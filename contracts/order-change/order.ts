// An order as its events make it: applies one version of an event after the other, each at the same cost.

import { sumOf } from '../event/sum.ts'
import type { ChangeKind, OrderState } from './schema.ts'
import { eventOf, hasSameFacts, type StagedVersion } from './staged-version.ts'

export type Order = {
  /** False where the order has the event with the same facts already. */
  readonly isChangedBy: (version: StagedVersion) => boolean
  /** Takes the version in the place of an earlier one of the same event. */
  readonly apply: (version: StagedVersion) => ChangeKind
  /** Of an order to which at least one version was applied. */
  readonly state: () => OrderState
}

export function createOrder(): Order {
  const events = new Map<string, StagedVersion>()
  const totals = createTotals()
  let firstPurchase = ''
  let lastCancellation = ''

  const apply = (version: StagedVersion): ChangeKind => {
    const key = eventOf(version)
    const earlier = events.get(key)
    if (earlier) totals.remove(earlier)
    totals.add(version)
    events.set(key, version)
    if (version.type === 'cancellation') lastCancellation = key
    if (earlier) return 'corrected'
    if (version.type === 'cancellation') return 'cancelled'
    if (firstPurchase !== '') return 'corrected'
    firstPurchase = key
    return 'created'
  }

  return {
    isChangedBy: (version) => {
      const known = events.get(eventOf(version))
      return known === undefined || !hasSameFacts(known, version)
    },
    apply,
    state: () => {
      const purchase = events.get(firstPurchase)
      return {
        ...totals.summary(),
        car_model: purchase?.car_model ?? null,
        purchased_at: purchase?.timestamp ?? null,
        cancelled_at: events.get(lastCancellation)?.timestamp ?? null,
      }
    },
  }
}

type Summary = Omit<OrderState, 'car_model' | 'purchased_at' | 'cancelled_at'>

/** Counts and amounts of the events of an order. */
function createTotals() {
  const currencies = new Map<string, number>()
  const counts = { purchase: 0, cancellation: 0, whole: 0, withoutAmount: 0 }
  let value = '0'
  let reduced = '0'

  const count = (version: StagedVersion, by: 1 | -1) => {
    const { type, amount, currency } = version
    const isWhole = type === 'cancellation' && version.partial !== true
    counts[type] += by
    if (isWhole) counts.whole += by
    else if (amount === null) counts.withoutAmount += by
    else {
      value = sumOf([value, signed(amount, type === 'purchase' ? by : opposite(by))])
      if (type === 'cancellation') reduced = sumOf([reduced, signed(amount, by)])
    }
    if (currency !== null) currencies.set(currency, (currencies.get(currency) ?? 0) + by)
    if (currency !== null && currencies.get(currency) === 0) currencies.delete(currency)
  }

  const isCancelled = () =>
    counts.whole > 0 ||
    (counts.purchase > 0 && isComparable() && reduced !== '0' && !isPositive(value))

  const isComparable = () => currencies.size <= 1 && counts.withoutAmount === 0

  const amount = () => {
    if (isCancelled()) return '0'
    return counts.purchase > 0 && isComparable() ? value : null
  }

  return {
    add: (version: StagedVersion) => count(version, 1),
    remove: (version: StagedVersion) => count(version, -1),
    summary: (): Summary => ({
      status: isCancelled()
        ? 'cancelled'
        : counts.cancellation > 0
          ? 'partly_cancelled'
          : 'purchased',
      purchases: counts.purchase,
      cancellations: counts.cancellation,
      amount: amount(),
      currency: currencies.size === 1 ? ([...currencies.keys()][0] ?? null) : null,
    }),
  }
}

const opposite = (by: 1 | -1): 1 | -1 => (by === 1 ? -1 : 1)
const signed = (amount: string, by: 1 | -1) => (by === 1 ? amount : `-${amount}`)
const isPositive = (decimal: string) => decimal !== '0' && !decimal.startsWith('-')
