// All dashboards, as the files that Grafana reads.

import { ACTIVATION } from './activation.ts'
import { PARTNERS } from './partners.ts'
import { PIPELINE } from './pipeline.ts'
import { SLO } from './slo.ts'
import { TEMPORAL_SDK } from './temporal-sdk.ts'

const FILES = {
  pipeline: PIPELINE,
  partners: PARTNERS,
  activation: ACTIVATION,
  'temporal-sdk': TEMPORAL_SDK,
  slo: SLO,
}

/** The text of each dashboard by the path of its file. Pure. */
export const dashboardFiles = (): [string, string][] =>
  Object.entries(FILES).map(([name, dashboard]) => [
    `deploy/grafana/dashboards/${name}.json`,
    `${JSON.stringify(dashboard, null, 2)}\n`,
  ])
