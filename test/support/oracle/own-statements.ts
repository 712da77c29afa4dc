// Every statement that our own commands and activities ask BigQuery, with parameters that find rows of
// test/support/sql-cases/tables.ts.

import { VIEWS } from '../../../contracts/views.ts'
import type { Reader, Statement } from '../../../warehouse/read.ts'
import { auditedBatches } from '../../../warehouse/sql/audited-batches.ts'
import { auditedMessages } from '../../../warehouse/sql/audited-messages.ts'
import { batchDeadLetters } from '../../../warehouse/sql/batch-dead-letters.ts'
import { batchReceipts } from '../../../warehouse/sql/batch-receipts.ts'
import { readLetterEvents } from '../../../warehouse/sql/dead-letter-events.ts'
import { readGroups } from '../../../warehouse/sql/dead-letter-groups.ts'
import { readIds } from '../../../warehouse/sql/dead-letter-ids.ts'
import { readLog } from '../../../warehouse/sql/dead-letter-log.ts'
import { readStandings } from '../../../warehouse/sql/dead-letter-standings.ts'
import { readEvents } from '../../../warehouse/sql/dead-letter-stored-events.ts'
import { knownLetters } from '../../../warehouse/sql/known-letters.ts'
import { openLetters } from '../../../warehouse/sql/open-letters.ts'
import { openedEvents } from '../../../warehouse/sql/opened-events.ts'
import { orderActions } from '../../../warehouse/sql/order-actions.ts'
import { orderMessages } from '../../../warehouse/sql/order-messages.ts'
import { orderRows } from '../../../warehouse/sql/order-rows.ts'
import { completeData } from '../../../warehouse/sql/original-data.ts'
import { partnerGoogleAds } from '../../../warehouse/sql/partner-google-ads.ts'
import { partnerMessages } from '../../../warehouse/sql/partner-messages.ts'
import { partnerVersions } from '../../../warehouse/sql/partner-versions.ts'
import { partners } from '../../../warehouse/sql/partners.ts'
import { recordedEvents } from '../../../warehouse/sql/recorded-events.ts'
import { rejectedReasons } from '../../../warehouse/sql/rejected-reasons.ts'
import { rejectedSamples } from '../../../warehouse/sql/rejected-samples.ts'
import { rejectedTotals } from '../../../warehouse/sql/rejected-totals.ts'
import { queryOf } from '../dbt/build.ts'
import { modelsInOrder, refsIn } from '../dbt/models.ts'

export type OwnStatement = Pick<Statement, 'sql' | 'params'> & { readonly name: string }

const since = new Date('2020-01-01T00:00:00Z')
const until = new Date('2100-01-01T00:00:00Z')
const span = { oldest: since, newest: until }
const id = 'letter-1'
const ids = [id]
const batchId = 'batch-7'
const times = { from: since.toISOString(), to: until.toISOString() }

const periods = [{}, { since }, { since, until }]
const ofPartner = periods.map((period) => ({ partner: 'dealer-2', ...period }))
const rejectedOf = ofPartner.flatMap((of) => [
  { ...of, open: false },
  { ...of, open: true },
])
const search = [{ id: 'A001' }, { id: 'event-5', partner: 'dealer-1', since }]
const orderTables = [
  'audit_log',
  'staging_purchase',
  'staging_cancellation',
  'activation_log',
  'dead_letter',
] as const
const spans = ['A001', null].map((orderId) => ({
  partnerId: 'dealer-1',
  orderId,
  messageIds: ['1', '5'],
  ...times,
}))
const filters = [
  {},
  { partner: 'dealer-2', stage: 'validation', reason: 'amount_missing', since, until },
]

const built: readonly Statement[] = [
  auditedBatches({ ...span, ids: [batchId, 'batch-1'] }),
  auditedMessages({ ...span, batchId }),
  batchDeadLetters({ ...span, batchId }),
  batchReceipts({ ...span, ids: [batchId] }),
  knownLetters({ ids }),
  openLetters({ until }, 10),
  openedEvents({ since, until }),
  orderActions({ letters: ids, oldest: times.from }),
  ...orderTables.flatMap((table) => [
    ...search.map((one) => orderMessages(table, one)),
    ...spans.map((one) => orderRows(table, one)),
  ]),
  ...ofPartner.flatMap((of) => [partnerGoogleAds(of), partnerMessages(of), partnerVersions(of)]),
  ...periods.map((period) => partners(period)),
  recordedEvents({ ...span, id, partners: ['dealer-2'] }),
  ...rejectedOf.flatMap((of) => [rejectedReasons(of), rejectedSamples(of), rejectedTotals(of)]),
]

const modelTexts = modelsInOrder()
const inOthers = new Set(modelTexts.flatMap(({ text }) => refsIn(text)))

/**
 * The models of dbt/ that no other is made of, each as one query with all that it is made of. Instead of the current time
 * both are told one.
 */
const models = modelTexts
  .filter(({ name }) => !inOthers.has(name))
  .map(({ name }) => ({
    name: `model ${name}`,
    sql: queryOf(name, (table) => `SELECT * FROM streaming.${table}`).replaceAll(
      'current_timestamp()',
      "timestamp '2026-01-01'",
    ),
    params: {},
  }))

/** The statements, the queries of the views, and the models of dbt. */
export async function ownStatements(): Promise<readonly OwnStatement[]> {
  const statements = [...built, ...(await readStatements())]
  return [
    ...VIEWS.map(({ name, query }) => ({ name: `view ${name}`, sql: query, params: {} })),
    ...models,
    ...statements.map(({ sql, params }, i) => ({ name: `statement ${i + 1}`, sql, params })),
  ]
}

// Some statements cannot be had without reading by them: this reader takes them down and finds no rows.
async function readStatements() {
  const taken: Statement[] = []
  const read: Reader = async (statement) => {
    taken.push(statement)
    return []
  }
  await readLetterEvents(read, ids)
  for (const filter of filters) {
    await readGroups(read, 'open', filter)
    await readGroups(read, 'all', filter)
  }
  await readIds(read)
  await readIds(read, 'dealer-2')
  await readLog(read, id)
  await readStandings(read, ids)
  await readEvents(read, ids)
  await completeData(read, [lackingData])
  return taken
}

const lackingData = {
  dead_letter_id: id,
  batch_id: batchId,
  stage: 'validation' as const,
  partner_id: 'dealer-2',
  type: null,
  event_id: null,
  order_id: null,
  reasons: [],
  faults: [],
  data: null,
  attributes: {},
  message_id: '7',
  publish_time: times.from,
}
