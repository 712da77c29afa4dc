// `npm run generate`: writes the files that are made from the contracts; a test says they are fresh.

import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import {
  BATCH_REASONS,
  DISAGREEMENTS,
  FAILURES,
  REASONS,
  RECEIPT_DISAGREEMENTS,
  TABLES,
  VIEWS,
} from '#contracts'
import { eventSchema } from '#contracts/event/schema'

/** Every generated file by its path in the repository. Pure. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['contracts/generated/event-v1.schema.json', json(eventJsonSchema())],
    ['contracts/generated/tables.json', json({ tables: TABLES, views: VIEWS })],
    ['docs/errors.md', errorsPage()],
  ])
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** JSON Schema 2020-12 of what a partner sends. Rules of time and exact digits are in docs/errors.md only. */
function eventJsonSchema() {
  const schema = z.toJSONSchema(eventSchema, { io: 'input' })
  return { ...schema, title: 'Car event, contract v1' }
}

function errorsPage(): string {
  const reasons = Object.entries(REASONS).map(([code, expected]) => `| \`${code}\` | ${expected} |`)
  const ended = Object.entries(BATCH_REASONS).map(
    ([code, meaning]) => `| \`${code}\` | validation | ${meaning} |`,
  )
  const disagreements = Object.entries(DISAGREEMENTS).map(kindRow)
  const receipts = Object.entries(RECEIPT_DISAGREEMENTS).map(kindRow)
  const failures = Object.entries(FAILURES).map(
    ([type, { treatment, meaning, action }]) =>
      `| \`${type}\` | ${treatment} | ${meaning} | ${action} |`,
  )
  return `<!-- Made by \`npm run generate\` from contracts/reasons.ts and contracts/failures.ts. -->

# Errors

## Why an event is rejected

A rejected event is kept whole in \`streaming.audit_log\` and in \`streaming.dead_letter\`, and its dead letter
names every rule it breaks.

| reason | what the contract expects |
| --- | --- |
${reasons.join('\n')}

## Why an accepted event cannot go on

| reason | stage | what it means |
| --- | --- | --- |
| \`warehouse_invalid_<column>\` | staging | BigQuery refused the row for the value of that column; \`warehouse_invalid\` alone where it names none. |
| \`warehouse_row_too_large\` | staging | The row is larger than BigQuery takes. |
| \`warehouse_refused\` | staging | BigQuery refused the row without naming a column. |
| \`call_too_large\` | activation | The call is larger than Segment takes (32 KB). |
| \`segment_refused\` | activation | Segment refused this call alone. |
| \`poison\` | every | A worker cannot finish with this message: it holds its thread, or uses up the memory. Its bytes are in \`streaming.audit_log\` and in its dead letter. Report it with its message id; once that is fixed and the workers are replaced, redrive it. |
| a reason of the contract | both | The contract changed after validation had accepted the event. |
${ended.join('\n')}

## Why an event is not activated

| reason | what it means |
| --- | --- |
| \`outside_ads_window\` | Older than Google Ads takes: 90 days for a purchase, 54 for a cancellation. |

## Failures of the world

They show on a running workflow in the Temporal UI, as the last failure of the activity that is being retried. A message
has the status, the request id where the service gives one, and our own words. What the service said may quote an event:
it is in the log of the worker that was started with \`LOG_LEVEL=debug\`, masked and cut, and nowhere else.

| failure | treatment | what it means | what to do |
| --- | --- | --- | --- |
${failures.join('\n')}

## Where Temporal and the table disagree

The sweep compares the dead letters that are open in Temporal with \`streaming.open_dead_letter\`. It changes nothing:
it counts them in the metric \`dead_letter_disagreements\`, and names the first in its result and in the log.

| kind | what it means | what to do |
| --- | --- | --- |
${disagreements.join('\n')}

## Where messages are missing

The bridge counts the messages of every batch, digests their ids, and gives both to Temporal as the memo of the batch's
workflow. The sweep compares them with \`streaming.audit_log\` once the batch has ended. It counts the batches that differ in the
metric \`batch_receipt_disagreements\`, names the first in its result and in the log, and looks at them again each time. Alert
on every value above 0. The view \`streaming.acknowledged\` has each batch, \`streaming.reconciliation\` the sums: its
column \`not_audited\`.

| kind | what it means | what to do |
| --- | --- | --- |
${receipts.join('\n')}
`
}

const kindRow = ([kind, { meaning, action }]: [string, { meaning: string; action: string }]) =>
  `| \`${kind}\` | ${meaning} | ${action} |`

async function main(): Promise<void> {
  for (const [path, text] of generatedFiles()) {
    await writeFile(new URL(`../${path}`, import.meta.url), text)
    process.stdout.write(`${path}\n`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
