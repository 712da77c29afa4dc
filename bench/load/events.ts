// The events every contender reads: realistic, all of them valid unless they are edited, each with a number of its own.

import { wallClock } from '#runtime/clock'
import { createEventSource, type PartnerEvent } from '../../deploy/local/events/valid-events.ts'
import { MARKER_LENGTH, MARKER_PREFIX, type Marker, writeMarker } from './marker.ts'

/** As it is published: Pub/Sub gives it its id and time. */
export type BenchEvent = {
  readonly partner: string
  readonly data: Buffer
  readonly attributes: Readonly<Record<string, string>>
}

export type EventPool = {
  /** The event of this number: its content repeats after a while, its order id never. */
  make(marker: Marker): BenchEvent
  /** Mean bytes of data and attributes. */
  readonly meanBytes: number
}

/** More would only cost memory; no batch is as large, so that no batch has an event twice. */
const TEMPLATES = 10_000

/** Google Ads takes a cancellation for 54 days: every event of a benchmark goes the whole way. */
const MAX_AGE_MS = 50 * 24 * 60 * 60 * 1000

const SEED = 7

/**
 * @param edit changes every event, for a benchmark of what is not as it should be
 * @param size the number of different contents
 */
export function createEventPool(
  partners: number,
  edit: (event: PartnerEvent) => PartnerEvent = (event) => event,
  size = TEMPLATES,
): EventPool {
  const templates = makeTemplates(partners, edit, size)
  const bytes = templates.reduce((sum, template) => sum + sizeOf(template), 0)
  return {
    meanBytes: bytes / templates.length,
    make: (marker) => {
      const template = templates[marker.number % templates.length]
      if (!template) throw new Error('the pool has no events')
      const data = Buffer.from(template.data)
      data.write(writeMarker(marker), template.markerAt, 'latin1')
      return { partner: template.partner, data, attributes: template.attributes }
    },
  }
}

type Template = BenchEvent & { readonly markerAt: number }

function makeTemplates(
  partners: number,
  edit: (event: PartnerEvent) => PartnerEvent,
  size: number,
): Template[] {
  const now = wallClock()
  const source = createEventSource(SEED, partners, now)
  const oldest = new Date(now.getTime() - MAX_AGE_MS).toISOString()
  const templates: Template[] = []
  while (templates.length < size) {
    const { partner, attributes, event } = source.next()
    if (String(event['timestamp']) < oldest) continue
    const orderId = MARKER_PREFIX.padEnd(MARKER_LENGTH, '0')
    // Without an id of its own an event has one derived from its order id: none is a duplicate of another.
    const { event_id: _, ...fields } = event
    const data = Buffer.from(JSON.stringify(edit({ ...fields, order_id: orderId })))
    templates.push({ partner, attributes, data, markerAt: data.indexOf(orderId) })
  }
  return templates
}

function sizeOf({ data, attributes }: BenchEvent): number {
  return Object.entries(attributes).flat().join('').length + data.length
}
