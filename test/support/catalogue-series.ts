// What the catalogue of metrics says the series of a process are, to compare with what the process serves.

import { METRICS } from '#runtime/metrics/catalogue'
import type { LabelValues, MetricSpec, Process } from '#runtime/metrics/spec'
import type { Series } from './scrape.ts'

/** Temporal's SDK has its own metrics in the same port. */
const isOurs = ({ name }: Series) => !name.startsWith('temporal_')

/** The names of the series of a metric. */
const namesOf = ({ name, type }: MetricSpec) =>
  type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]

/** The labels of a series of a metric and their values. */
function labelsOf({ labels, buckets }: MetricSpec, name: string, process: Process) {
  const le = name.endsWith('_bucket') && { le: [...(buckets ?? []).map(String), '+Inf'] }
  return { ...labels, ...le, service: [process] }
}

const isValueOf = (values: LabelValues | undefined, value: string) =>
  values !== undefined && ('limitedBy' in values || values.includes(value))

/** `missing`: names of the catalogue that are not served; `unknown`: series that are not of the catalogue. */
export function compareWithCatalogue(process: Process, served: readonly Series[]) {
  const own = METRICS.filter(({ processes }) => processes.includes(process))
  const expected = new Map(
    own.flatMap((spec) => namesOf(spec).map((name) => [name, labelsOf(spec, name, process)])),
  )
  const names = new Set(served.map(({ name }) => name))
  const isKnown = ({ name, labels }: Series) => {
    const known = expected.get(name)
    return (
      known !== undefined &&
      Object.keys(labels).length === Object.keys(known).length &&
      Object.entries(labels).every(([label, value]) => isValueOf(Reflect.get(known, label), value))
    )
  }
  return {
    missing: [...expected.keys()].filter((name) => !names.has(name)),
    unknown: served.filter(isOurs).filter((series) => !isKnown(series)),
  }
}
