// Makes realistic purchases and cancellations from a seed: the same seed and day give the same events.

import { base, en, Faker } from '@faker-js/faker'

/** An event as a partner writes it. */
export type PartnerEvent = Record<string, unknown>

export type PartnerEventOf = {
  readonly partner: string
  readonly attributes: Readonly<Record<string, string>>
  readonly event: PartnerEvent
}

const SHARE_OF_CANCELLATIONS = 0.2
const SHARE_WITHOUT_PURCHASE = 0.2
const SHARE_OUTSIDE_ADS_WINDOW = 0.03
const DAY_MS = 24 * 60 * 60 * 1000

const MODELS = ['SUV', 'Sedan', 'Hatch', 'Pickup', 'Estate', 'Coupe'] as const
const REASONS = [
  'payment_failed',
  'customer_changed_mind',
  'delivery_too_late',
  'better_offer',
] as const
const CURRENCIES = ['EUR', 'USD', 'GBP'] as const

/** Partners write in two ways: with ids and attribution, or the bare fields and a message attribute. */
const isModern = (partner: number) => partner % 2 === 0

/** What a cancellation repeats of its purchase. */
type Order = {
  readonly order_id: string
  readonly customer_id: string
  readonly car_model: string
  readonly timestamp: string
}

export type EventSource = { next(): PartnerEventOf }

/** @param now the day the events lead up to */
export function createEventSource(seed: number, partners: number, now: Date): EventSource {
  const faker = new Faker({ locale: [en, base], seed })
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS
  const orders: Order[][] = Array.from({ length: partners }, () => [])
  let count = 0

  const timestamp = () => {
    const isOld = faker.number.float() < SHARE_OUTSIDE_ADS_WINDOW
    const daysAgo = isOld ? faker.number.int({ min: 100, max: 700 }) : 0
    const millisecond = faker.number.int({ min: 0, max: DAY_MS - 1 })
    return new Date(today - daysAgo * DAY_MS - millisecond).toISOString()
  }

  const bare = (type: 'purchase' | 'cancellation', orderId: string) => ({
    type,
    order_id: orderId,
    customer_id: `C${faker.number.int({ min: 1000, max: 9_999_999 })}`,
    car_model: faker.helpers.arrayElement(MODELS),
    timestamp: timestamp(),
  })

  const purchase = (partner: number): PartnerEvent => {
    const event = {
      ...bare('purchase', `ORD-${seed}-${++count}`),
      amount: faker.number.float({ min: 9_000, max: 120_000, fractionDigits: 2 }),
      ...(isModern(partner) && attribution(faker)),
    }
    orders[partner]?.push(event)
    return event
  }

  const cancellation = (partner: number): PartnerEvent => {
    const known = orders[partner] ?? []
    const isUnknown = known.length === 0 || faker.number.float() < SHARE_WITHOUT_PURCHASE
    const at = faker.number.int({ min: 0, max: Math.max(0, known.length - 1) })
    // An order is cancelled once, after it was bought.
    const [bought] = isUnknown ? [] : known.splice(at, 1)
    const event = bare('cancellation', bought?.order_id ?? `OLD-${seed}-${++count}`)
    return {
      ...event,
      ...(bought && {
        customer_id: bought.customer_id,
        car_model: bought.car_model,
        timestamp: faker.date.between({ from: bought.timestamp, to: today }).toISOString(),
      }),
      reason: faker.helpers.arrayElement(REASONS),
    }
  }

  return {
    next: () => {
      const partner = faker.number.int({ min: 0, max: partners - 1 })
      const isCancellation = faker.number.float() < SHARE_OF_CANCELLATIONS
      const event = isCancellation ? cancellation(partner) : purchase(partner)
      return addressed(event, `dealer-${partner + 1}`, isModern(partner), faker)
    },
  }
}

function addressed(
  event: PartnerEvent,
  partner: string,
  modern: boolean,
  faker: Faker,
): PartnerEventOf {
  if (!modern) return { partner, attributes: { partner_id: partner }, event }
  const own = { event_id: faker.string.uuid(), partner_id: partner, schema_version: '1' }
  return { partner, attributes: {}, event: { ...own, ...event } }
}

function attribution(faker: Faker) {
  const [make, model] = [faker.vehicle.manufacturer(), faker.vehicle.model()]
  return {
    currency: faker.helpers.arrayElement(CURRENCIES),
    email: faker.internet.email(),
    phone: faker.phone.number({ style: 'international' }),
    ...(faker.datatype.boolean() && { gclid: `Cj0K${faker.string.alphanumeric(40)}` }),
    consent: {
      ad_user_data: faker.datatype.boolean(0.8),
      ad_personalization: faker.datatype.boolean(0.6),
    },
    vehicle: {
      vin: faker.vehicle.vin(),
      make,
      model,
      year: faker.number.int({ min: 2024, max: 2027 }),
    },
    showroom: faker.location.city(),
  }
}
