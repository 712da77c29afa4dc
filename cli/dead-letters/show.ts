// `npm run dlq -- show`: one dead letter: its events, their faults, and what was done with it.

import type { Command } from 'commander'
import { visibleInLine } from '#contracts/visible'
import { exportLines } from '#operations/dead-letters/export'
import { shownEvent, shownLog } from '#operations/dead-letters/masked'
import { shortId } from '#operations/dead-letters/short-id'
import { openEventsOf, type ShownLetter, showLetter } from '#operations/dead-letters/show'
import type { CliConfig } from '#runtime/config'
import { openReader } from '#warehouse/open-reader'
import type { Reader } from '#warehouse/read'
import type { Logged } from '#warehouse/sql/dead-letter-log'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { completeData } from '#warehouse/sql/original-data'
import { loadEnvironment } from '../environment.ts'
import { whole } from '../option-values.ts'
import { print } from '../output/print.ts'
import { type Row, render } from '../output/tables.ts'
import { ageOf } from './age.ts'
import { writeExport } from './export.ts'

/** What stands for stdout in place of a file. */
const STDOUT = '-'

type ShowOptions = {
  readonly export?: string
  readonly partner?: string
  readonly personal?: boolean
  readonly limit: number
  readonly json?: boolean
}

export function registerShow(program: Command): void {
  program
    .command('show')
    .description('One dead letter: its events with every fault, and who did what with it and why.')
    .argument('<id>', 'its short id, its workflow id, or the beginning of either')
    .option(
      '--export <file>',
      'write its open events as NDJSON, which `redrive --events` takes; - prints them',
    )
    .option('--partner <id>', 'only the events of this partner, where several share it')
    .option('--personal', 'show personal data instead of masking it')
    .option('--limit <events>', 'show no more events', whole, 20)
    .option('--json', 'print all of it as JSON')
    .addHelpText('after', HELP)
    .action(async (id: string, options: ShowOptions) => {
      const config = await loadEnvironment(['BIGQUERY_EMULATOR_HOST'])
      print(await show(config, id, options))
    })
}

const HELP = `
What is personal is masked, but not in the file of --export: it holds the events as they are, since they are to be
sent again. Only you can read that file; delete it when you are done. Edit "event" in it (or "text", where a message
is no JSON object) and leave the rest as it is.

Examples:
  npm run dlq -- show 3fa1
  npm run dlq -- show 3fa1 --export events.ndjson
  npm run dlq -- show 3fa1 --partner dealer-7
  npm run -s dlq -- show 3fa1 --export - | jq .event
  npm run -s dlq -- show 3fa1 --json`

async function show(config: CliConfig, text: string, options: ShowOptions): Promise<string> {
  const store = openReader(config)
  const letter = await showLetter(store, text, options.partner)
  if (options.export !== undefined) return exported(store, letter, options.export, options)
  if (!options.json) return letterText(letter, options.limit)
  const isPersonal = options.personal === true
  const complete = await completeData(store, letter.events)
  return JSON.stringify(
    {
      id: letter.id,
      short_id: shortId(letter.id),
      state: letter.isOpen ? 'open' : 'closed',
      history: letter.log.map((one) => shownLog(one, isPersonal)),
      events: complete.map((one) => shownEvent(one, isPersonal)),
    },
    null,
    2,
  )
}

async function exported(
  store: Reader,
  letter: ShownLetter,
  file: string,
  { partner }: ShowOptions,
): Promise<string> {
  const lines = exportLines(letter.id, await openEventsOf(store, letter))
  if (file === STDOUT) return lines
  await writeExport(file, lines)
  const only = partner === undefined ? '' : ` --partner ${shellWord(partner)}`
  const id = shortId(letter.id)
  return `${amountOf(letter.events)} of ${id} written to ${file}, personal data included.\nEdit it, then: npm run dlq -- redrive ${id}${only} --events ${file} --dry-run`
}

/** As one word of a shell, whatever is in it. */
const shellWord = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

const amountOf = ({ length }: readonly StoredEvent[]) =>
  `${length} ${length === 1 ? 'event' : 'events'}`

/** Pure. */
export function letterText({ id, isOpen, events, log }: ShownLetter, limit: number): string {
  const partners = [...new Set(events.map(({ partner_id }) => partner_id))]
  const whose = partners.length > 1 ? `${partners.length} partners` : (partners[0] ?? 'unknown')
  const faults = events.slice(0, limit).flatMap((event) => faultRows(event, partners.length > 1))
  const hidden = events.length - Math.min(events.length, limit)
  const oldest = events.map(({ publish_time }) => publish_time).toSorted()[0] ?? ''
  return [
    `${shortId(id)}  ${id}`,
    `${isOpen ? 'open' : 'closed'}, ${amountOf(events)} of ${visibleInLine(whose)}, the oldest published ${ageOf(oldest)} ago (${oldest})`,
    ...(log.length > 0 ? [`\nWhat was done with it\n${render(log.map(logRow), 'table')}`] : []),
    `\n${isOpen ? 'Why its events are open' : 'Why its events failed last'}\n${render(faults, 'table')}`,
    ...(hidden > 0 ? [`${hidden} more events: --limit, or --json.`] : []),
    ...(isOpen ? [next(id)] : []),
  ].join('\n')
}

const next = (id: string) => `
Next:
  npm run dlq -- redrive ${shortId(id)} --dry-run
  npm run dlq -- show ${shortId(id)} --export events.ndjson     then edit it, and: redrive ${shortId(id)} --events events.ndjson
  npm run dlq -- discard ${shortId(id)} --reason "…"`

const faultRows = (event: StoredEvent, isShared: boolean): Row[] =>
  event.faults.map(({ reason, path, expected, received }) => ({
    message: event.message_id,
    ...(isShared && { partner: event.partner_id }),
    type: event.type ?? 'unknown',
    order: event.order_id,
    stage: event.stage,
    reason,
    path,
    expected,
    received,
  }))

const logRow = (one: Logged): Row => ({
  attempt: one.attempt,
  action: one.action,
  outcome: one.outcome,
  who: one.actor,
  why: one.reason,
  when: one.occurred_at,
  events: one.events,
  'failed again': one.failed,
  changed: one.patch === null ? 'no' : 'yes',
})
