// What the catalogue of metrics says of each metric.

export type Process = 'bridge' | 'worker'

/** All values of a label; or what limits their number, where the configuration names them. They are never ids. */
export type LabelValues = readonly string[] | { readonly limitedBy: string }

export type MetricSpec = {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** `1` counts things that the name of the metric says. */
  readonly unit: 'events' | 'messages' | 'batches' | 'seconds' | 'bytes' | '1'
  readonly labels: Readonly<Record<string, LabelValues>>
  readonly meaning: string
  /** The upper limits of the buckets of a histogram. */
  readonly buckets?: readonly number[]
}

/** Metrics by the name that the code uses. */
export type MetricGroup = Readonly<Record<string, MetricSpec>>
