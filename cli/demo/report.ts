// Shows what came of a demo: the ledger, a few rows of each table and where to look next.

import type { Ledger, Pipeline } from '../local.ts'
import { print } from '../output/print.ts'
import { type Row, render } from '../output/tables.ts'
import { query } from '../query.ts'

const SAMPLES = {
  'streaming.staging_purchase':
    'SELECT partner_id, order_id, car_model, amount, currency, timestamp FROM streaming.staging_purchase LIMIT 3',
  'streaming.staging_cancellation':
    'SELECT partner_id, order_id, car_model, reason, timestamp FROM streaming.staging_cancellation LIMIT 3',
} as const

export type Outcome = {
  readonly pipeline: Pipeline
  readonly ledger: Ledger
  readonly balanced: boolean
}

/** With `json` the ledger is one line on stdout and nothing else; without it, everything a person looks at. */
export async function printReport(outcome: Outcome, json: boolean): Promise<void> {
  const { pipeline, ledger, balanced } = outcome
  if (json) {
    print(JSON.stringify({ ...ledger, balanced }))
    return
  }
  const samples = await Promise.all(
    Object.entries(SAMPLES).map(
      async ([table, sql]) => `${table}\n${render((await query(sql)).rows, 'table')}`,
    ),
  )
  const parts = [
    render(ledgerRows(ledger), 'table'),
    verdict(balanced),
    ...samples,
    links(pipeline),
  ]
  print(`\n${parts.join('\n\n')}`)
}

/** Pure. */
export function ledgerRows(ledger: Ledger): Row[] {
  const { staged, deadLetters, latencyMs } = ledger
  return [
    line('published', ledger.published, 'messages published, counted independently'),
    line('received', ledger.received, 'messages without the duplicates and corrections'),
    line('duplicates', ledger.duplicates, 'messages that repeat the contents of another'),
    line('corrections', ledger.corrections, 'later versions of staged events'),
    line('lookalikes', ledger.lookalikes, 'events that only their contents tell apart'),
    line('accepted', ledger.accepted, 'events that keep the contract'),
    line('rejected', ledger.rejected, 'messages that break it'),
    line('staged purchases', staged.purchase, 'rows of the view streaming.purchase'),
    line('staged cancellations', staged.cancellation, 'rows of the view streaming.cancellation'),
    line(
      'in dead letters',
      deadLetters.events,
      `events, in ${deadLetters.workflows} failed workflows; ${deadLetters.open} open`,
    ),
    line('redriven', ledger.redriven, 'rejected, then corrected and staged'),
    line(
      'activated',
      ledger.activated,
      `events, in ${ledger.calls.accepted} calls that Segment accepted`,
    ),
    line('not activated', ledger.notActivated, 'held back: see streaming.activation_log'),
    line('waiting', ledger.waiting, 'events that wait for another of their order'),
    line('in flight', ledger.inFlight, 'messages in workflows that still run'),
    line('unaccounted', ledger.unaccounted, 'messages whose fate nothing tells'),
    line('batches', ledger.batches, 'workflows'),
    line('failed batches', ledger.failedBatches, 'workflows that ended before their work was done'),
    line('latency p50', latencyMs.p50, 'ms from publish to staged'),
    line('latency p99', latencyMs.p99, 'ms from publish to staged'),
  ]
}

const line = (ledger: string, count: number, meaning: string): Row => ({ ledger, count, meaning })

function verdict(balanced: boolean): string {
  return balanced
    ? '✓ The ledger balances: nothing was lost.'
    : '✗ The ledger does not balance. Look at streaming.reconciliation, and at the logs in .stack/logs.'
}

function links({ stack }: Pipeline): string {
  // Dead letters, and a batch that failed if there is one.
  const failed = 'ExecutionStatus="Failed"'
  const path = `/namespaces/${stack.temporal.namespace}/workflows`
  const ui = stack.temporal.uiUrl
  return [
    'Look next:',
    ...(ui
      ? [
          `  workflows       ${ui}${path}`,
          `  failed          ${ui}${path}?query=${encodeURIComponent(failed)}`,
        ]
      : []),
    '  dead letters    npm run dlq -- summary',
    `  codec server    ${stack.codec.url}; the UI asks it. Temporal's CLI: --codec-endpoint ${stack.codec.url} --codec-auth "Bearer $(cat ${stack.codec.tokenFile})"`,
    `  Segment calls   ${stack.segment.file ?? stack.segment.url}`,
    '  your own query  npm run query -- "SELECT * FROM streaming.reconciliation"',
    '  more events     npm run send -- --count 1000 --rate 100',
  ].join('\n')
}
