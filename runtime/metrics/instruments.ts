// Makes the instruments of a group of metrics: what is recorded has the name and the labels of the catalogue, by its types.

import type { MetricCounter, MetricGauge, MetricMeter, MetricTags } from '@temporalio/common'
import type { MetricGroup, MetricSpec } from './spec.ts'

type LabelsOf<S extends MetricSpec> = {
  readonly [L in keyof S['labels']]: S['labels'][L] extends readonly (infer V)[] ? V : string
}

/** The labels of a value: all that the catalogue names, and no argument where it names none. */
type Labelled<S extends MetricSpec> = keyof S['labels'] extends never ? [] : [LabelsOf<S>]

/** What a meter adds up under one name. */
export type Part = Pick<MetricCounter, 'name' | 'add'> | Pick<MetricGauge, 'name' | 'set'>

export type Counter<S extends MetricSpec = MetricSpec> = {
  readonly spec: S
  readonly parts: readonly Part[]
  /** @param value a whole number, 0 or more */
  add(value: number, ...labels: Labelled<S>): void
}

export type Gauge<S extends MetricSpec = MetricSpec> = {
  readonly spec: S
  readonly parts: readonly Part[]
  set(value: number, ...labels: Labelled<S>): void
}

export type Histogram<S extends MetricSpec = MetricSpec> = {
  readonly spec: S
  readonly parts: readonly Part[]
  /** @param value 0 or more; @param times how many observations have this value */
  record(values: Iterable<Observation>): void
}

/** A value, and how many observations have it. */
export type Observation = readonly [value: number, times: number]

type InstrumentOf<S extends MetricSpec> = S['type'] extends 'counter'
  ? Counter<S>
  : S['type'] extends 'gauge'
    ? Gauge<S>
    : Histogram<S>

export type Instruments<G extends MetricGroup> = { readonly [K in keyof G]: InstrumentOf<G[K]> }

export function createInstruments<const G extends MetricGroup>(
  meter: MetricMeter,
  group: G,
): Instruments<G> {
  const entries = Object.entries(group).map(([key, spec]) => [key, MAKERS[spec.type](meter, spec)])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type of an entry follows from the type of its metric
  return Object.fromEntries(entries) as Instruments<G>
}

const MAKERS = { counter: createCounter, gauge: createGauge, histogram: createHistogram } as const

function createCounter(meter: MetricMeter, spec: MetricSpec) {
  const counter = meter.createCounter(spec.name, spec.unit, spec.meaning)
  const add = (value: number, labels?: MetricTags) => counter.add(value, labels)
  return { spec, parts: [counter], add }
}

function createGauge(meter: MetricMeter, spec: MetricSpec) {
  const gauge = meter.createGauge(spec.name, 'float', spec.unit, spec.meaning)
  const set = (value: number, labels?: MetricTags) => gauge.set(value, labels)
  return { spec, parts: [gauge], set }
}

/**
 * A histogram as the counters that Prometheus reads of one. The meter of Temporal takes one observation at a time, in two
 * microseconds; here, a batch of any size takes as many calls as there are buckets (docs/adr/0031).
 */
function createHistogram(meter: MetricMeter, spec: MetricSpec) {
  const { name, unit, meaning, buckets = [] } = spec
  const bucket = meter.createCounter(`${name}_bucket`, unit, meaning)
  const count = meter.createCounter(`${name}_count`, unit, meaning)
  const sum = meter.createCounter(`${name}_sum`, unit, meaning)
  const limits = [...buckets, Number.POSITIVE_INFINITY]
  /** A counter takes whole numbers: what is left of the sum is added with the next. */
  let rest = 0
  const record = (values: Iterable<Observation>) => {
    const within = limits.map(() => 0)
    let total = rest
    for (const [value, times] of values) {
      const first = limits.findIndex((limit) => value <= limit)
      within[first] = (within[first] ?? 0) + times
      total += value * times
    }
    rest = total % 1
    sum.add(Math.floor(total))
    let below = 0
    for (const [index, limit] of limits.entries()) {
      below += within[index] ?? 0
      bucket.add(below, { le: limit === Number.POSITIVE_INFINITY ? '+Inf' : String(limit) })
    }
    count.add(below)
  }
  return { spec, parts: [bucket, count, sum], record }
}

/**
 * Makes all series exist whose labels have known values, because Prometheus sees no increase in a series that begins above
 * zero. A gauge has no value before it is known.
 */
export function countFromZero(instruments: Readonly<Record<string, Counter | Gauge | Histogram>>) {
  for (const instrument of Object.values(instruments)) {
    if ('record' in instrument) instrument.record([])
    if (!('add' in instrument)) continue
    const [part] = instrument.parts
    if (part && 'add' in part) for (const labels of allLabels(instrument.spec)) part.add(0, labels)
  }
}

/** Every combination of the values of the labels; none where the values of a label are not known. */
function allLabels({ labels }: MetricSpec): MetricTags[] {
  return Object.entries(labels).reduce<MetricTags[]>(
    (combinations, [label, values]) =>
      'limitedBy' in values
        ? []
        : combinations.flatMap((one) => values.map((value) => ({ ...one, [label]: value }))),
    [{}],
  )
}
