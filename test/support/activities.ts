// Runs one activity as a worker would, without a server.

import { randomUUID } from 'node:crypto'
import type { Info } from '@temporalio/activity'
import { noopMetricMeter } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import type { Segment } from '#activation/segment/segment'
import type { Message } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { activityMetrics } from '#runtime/metrics/groups'
import { NO_PARTNERS } from '#runtime/partners/registry'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { createActivateEvents } from '../../activities/activate-events.ts'
import {
  type ActivationDependencies,
  createActivate,
} from '../../activities/activation/activate.ts'
import type { LookUpOrders } from '../../activities/activation/order-look-up.ts'
import { createCountDecisions } from '../../activities/count-decisions.ts'
import { type BatchEvent, createBatchReader } from '../../activities/read-batch.ts'
import { createWriteLedger } from '../../activities/write-ledger.ts'

export const metrics = activityMetrics(noopMetricMeter)

export const countDecisions = createCountDecisions(metrics, NO_PARTNERS)

/** What calls are made from where no partner is known. */
export const RULES = { namespace: 'test', partners: NO_PARTNERS }

/** Failed attempts are what many tests are about. */
const quiet = new DefaultLogger('ERROR')

export const batchOf = (...messages: readonly Message[]): Uint8Array => encodeBatch(messages)

/** One attempt of `activity`, in a run of its own; `info` says what Temporal would tell it of itself. */
export function attempt<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
  args: Args,
  info: Partial<Info> = {},
): Promise<Result> {
  const workflowExecution = { workflowId: 'batch', runId: randomUUID() }
  return new MockActivityEnvironment({ workflowExecution, ...info }, { logger: quiet }).run<
    Args,
    Result,
    typeof activity
  >(activity, ...args)
}

/** The look-up where the tables have nothing of any order. */
export const NO_ORDERS: LookUpOrders = async () => new Map()

/** Where every run that has staged events of an order has ended. */
export const NO_OPEN_RUNS: ActivationDependencies['findOpenRuns'] = async () => new Set()

/** Where no breaker is open, and nobody is told how Segment answers. */
export const NO_GOVERNOR: ActivationDependencies['governor'] = {
  reportTrouble: async () => {},
  reportAccepted: async () => {},
  isProbing: async () => false,
}

/** Keeps every row that is written to it, by table. */
export function recordingWarehouse() {
  const written: { readonly table: string; readonly columns: Row['columns'] }[] = []
  const warehouse: Warehouse = {
    append: async (table, rows) => {
      written.push(...rows.map(({ columns }) => ({ table, columns })))
      return { written: rows.length, failed: [] }
    },
  }
  const of = (wanted: string) =>
    written.filter(({ table }) => table === wanted).map(({ columns }) => columns)
  return { warehouse, of }
}

export type Activation = ReturnType<typeof activationTo>

/**
 * The activity `activateEvents` against this Segment. Unless the test gives other parts, the tables have nothing of any order,
 * and what would be written to them is in `rows`.
 */
export function activationTo(
  segment: Segment,
  parts: Partial<ActivationDependencies> = {},
  reader = createBatchReader(),
) {
  const { warehouse, of } = recordingWarehouse()
  const deps = {
    segment,
    warehouse,
    lookUp: NO_ORDERS,
    findOpenRuns: NO_OPEN_RUNS,
    rules: RULES,
    governor: NO_GOVERNOR,
    metrics,
    ...parts,
  }
  const handedOver: { readonly runId: string; readonly events: readonly BatchEvent[] }[] = []
  const activateEvents = createActivateEvents({
    reader,
    activate: createActivate(deps),
    handOver: async (runId, events) => {
      if (events.length > 0) handedOver.push({ runId, events })
    },
    writeLedger: createWriteLedger(reader, deps.warehouse, deps.metrics),
  })
  return {
    /** One attempt. */
    run: (batch: Uint8Array, skip: readonly number[] = [], info: Partial<Info> = {}) =>
      attempt(activateEvents, [batch, { batchId: 'batch', skip }], info),
    activateEvents,
    /** Of the activation log. */
    rows: () => of('activation_log'),
    handedOver: () => handedOver,
  }
}
