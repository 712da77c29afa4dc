// `npm run generate`: writes the files that are made from the contracts; a test says they are fresh.

import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { TRACKING_PLAN } from '#activation/calls/tracking-plan'
import {
  BATCH_REASONS,
  CHANGES_TOPIC,
  DATASET,
  DISAGREEMENTS,
  FAILURES,
  GOOGLE_ADS_REASONS,
  NOT_ACTIVATED_REASONS,
  OMISSION_REASONS,
  REASONS,
  RECEIPT_DISAGREEMENTS,
  REDELIVERY,
  SINK_REASONS,
  SUBSCRIPTION_SETTINGS,
  TABLES,
  TOPICS,
  VIEWS,
} from '#contracts'
import { eventSchema } from '#contracts/event/schema'
import { orderChangeSchema } from '#contracts/order-change/schema'
import { dbtSources } from './dbt-sources.ts'
import { dashboardFiles } from './grafana/dashboards.ts'
import { metricsPage } from './metrics-page.ts'
import { rulesFile } from './prometheus/rules.ts'

/** Every generated file by its path in the repository. Pure. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['contracts/generated/event-v1.schema.json', json(eventJsonSchema())],
    ['contracts/generated/order-change-v1.schema.json', json(orderChangeJsonSchema())],
    ['contracts/generated/pubsub.json', json(pubsub())],
    ['contracts/generated/tables.json', json({ dataset: DATASET, tables: TABLES, views: VIEWS })],
    ['contracts/generated/tracking-plan.json', json({ rules: TRACKING_PLAN })],
    ['dbt/models/staging/_streaming__sources.yml', dbtSources()],
    ['docs/errors.md', errorsPage()],
    ['deploy/prometheus/rules.yml', rulesFile()],
    ...dashboardFiles(),
    ['docs/metrics.md', metricsPage()],
  ])
}

const pubsub = () => ({
  topics: TOPICS,
  changesTopic: CHANGES_TOPIC,
  subscriptionSettings: SUBSCRIPTION_SETTINGS,
  redelivery: REDELIVERY,
})

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** JSON Schema 2020-12 of what a partner sends. Rules of time and exact digits are in docs/errors.md only. */
function eventJsonSchema() {
  const schema = z.toJSONSchema(eventSchema, { io: 'input' })
  return { ...schema, title: 'Car event, contract v1' }
}

/** JSON Schema 2020-12 of what a consumer of change events receives. A later version 1 may have more fields. */
function orderChangeJsonSchema() {
  const schema = z.toJSONSchema(orderChangeSchema, { io: 'input' })
  return { ...schema, title: 'Order change, version 1' }
}

/** The rows of a table, one for each entry of a registry. */
const rowsOf = <Entry>(
  registry: Readonly<Record<string, Entry>>,
  cellsOf: (entry: Entry) => readonly string[],
): string =>
  Object.entries(registry)
    .map(([code, entry]) => `| \`${code}\` | ${cellsOf(entry).join(' | ')} |`)
    .join('\n')

const alone = (text: string) => [text]
const asKind = ({ meaning, action }: { meaning: string; action: string }) => [meaning, action]

function errorsPage(): string {
  return `<!-- Made by \`npm run generate\` from contracts/: reasons.ts, sink-reasons.ts, google-ads.ts, failures.ts, sweep.ts and dead-letter/vocabulary.ts. -->

# Errors

## Why an event is rejected

A rejected event is kept whole in \`streaming.audit_log\` and in \`streaming.dead_letter\`, and its dead letter
names every rule it breaks.

| reason | what the contract expects |
| --- | --- |
${rowsOf(REASONS, alone)}

## Why an accepted event cannot go on

| reason | stage | what it means |
| --- | --- | --- |
${rowsOf(SINK_REASONS, ({ stage, meaning }) => [stage, meaning])}
| a reason of the contract | staging, activation | The contract changed after validation had accepted the event. |
${rowsOf(BATCH_REASONS, (meaning) => ['validation', meaning])}

## Why an event is not activated

| reason | what it means |
| --- | --- |
${rowsOf(NOT_ACTIVATED_REASONS, alone)}

## Why an event is not meant for Google Ads

The columns \`google_ads\` and \`google_ads_reason\` of \`streaming.activation_log\` say it. An event that is held back from
Segment has the reason above.

| reason | what it means |
| --- | --- |
${rowsOf(GOOGLE_ADS_REASONS, alone)}

## Why an identifier is left out

The column \`omitted_identifiers\` of \`streaming.activation_log\` has the name of the identifier and the reason, as in
\`phone_unparseable\`, and never the value. The metric \`activation_identifiers_omitted_total\` counts them.

| reason | what it means |
| --- | --- |
${rowsOf(OMISSION_REASONS, alone)}

## Failures of the world

They show on a running workflow in the Temporal UI, as the last failure of the activity that is being retried. A message
has the status, the request id where the service gives one, and our own words. What the service said may quote an event:
it is in the log of the worker that was started with \`LOG_LEVEL=debug\`, masked and cut, and nowhere else.

| failure | treatment | what it means | what to do |
| --- | --- | --- | --- |
${rowsOf(FAILURES, ({ treatment, ...failure }) => [treatment, ...asKind(failure)])}

## Where Temporal and the table disagree

The sweep compares the dead letters that are open in Temporal with \`streaming.open_dead_letter\`. It changes nothing:
it counts them in the metric \`dead_letter_disagreements\`, and names the first in its result and in the log.

| kind | what it means | what to do |
| --- | --- | --- |
${rowsOf(DISAGREEMENTS, asKind)}

## Where messages are missing

The bridge counts the messages of every batch, digests their ids, and gives both to Temporal as the memo of the batch's
workflow. The sweep compares them with \`streaming.audit_log\` once the batch has ended. It counts the batches that differ in the
metric \`batch_receipt_disagreements\`, names the first in its result and in the log, and looks at them again each time. Alert
on every value above 0. The view \`streaming.acknowledged\` has each batch, \`streaming.reconciliation\` the sums: its
column \`not_audited\`.

| kind | what it means | what to do |
| --- | --- | --- |
${rowsOf(RECEIPT_DISAGREEMENTS, asKind)}
`
}

async function main(): Promise<void> {
  for (const [path, text] of generatedFiles()) {
    await writeFile(new URL(`../${path}`, import.meta.url), text)
    process.stdout.write(`${path}\n`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
