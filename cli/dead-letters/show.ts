// `npm run dlq -- show`: one dead letter: its events, their faults, and what was done with it.

import type { Command } from 'commander'
import { visibleInLine } from '#contracts/visible'
import { shownEvent, shownLog } from '#operations/dead-letters/masked'
import { resolveId, shortId } from '#operations/dead-letters/short-id'
import { type CliConfig } from '#runtime/config'
import { UsageError } from '#runtime/errors'
import {
  type Logged,
  openStore,
  readEvents,
  readIds,
  readLog,
  readStandings,
  type StoredEvent,
} from '#warehouse/sql/dead-letters'
import { completeData } from '#warehouse/sql/original-data'
import { loadEnvironment } from '../environment.ts'
import { whole } from '../option-values.ts'
import { print } from '../output/print.ts'
import { type Row, render } from '../output/tables.ts'
import { ageOf } from './age.ts'

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
  const store = openStore(config)
  const id = resolveId(text, await readIds(store))
  const [all, log, [standing]] = await Promise.all([
    readEvents(store, [id]),
    readLog(store, id),
    readStandings(store, [id]),
  ])
  const isOpen = standing?.isOpen ?? true
  const events = ofPartner(all, id, options.partner)
  if (options.export !== undefined) {
    if (!isOpen)
      throw new UsageError(
        `${shortId(id)} is closed, so there is nothing to send again. Who closed it, and why: npm run dlq -- show ${shortId(id)}`,
      )
    const { exportEvents, ndjsonOf } = await import('./export.ts')
    const complete = await completeData(store, events)
    if (options.export === STDOUT) return ndjsonOf(id, complete)
    await exportEvents(options.export, id, complete)
    return exported({ file: options.export, id, events, partner: options.partner })
  }
  const isPersonal = options.personal === true
  if (!options.json) return report({ id, isOpen, events, log }, options.limit)
  const complete = await completeData(store, events)
  return JSON.stringify(
    {
      id,
      short_id: shortId(id),
      state: isOpen ? 'open' : 'closed',
      history: log.map((one) => shownLog(one, isPersonal)),
      events: complete.map((one) => shownEvent(one, isPersonal)),
    },
    null,
    2,
  )
}

/** @throws UsageError where it has none of them, since the partner may be misspelt */
function ofPartner(events: readonly StoredEvent[], id: string, partner: string | undefined) {
  if (partner === undefined) return events
  const own = events.filter(({ partner_id }) => partner_id === partner)
  if (own.length > 0) return own
  throw new UsageError(
    `${shortId(id)} has no event of ${partner}. Whose it has: npm run dlq -- show ${shortId(id)}`,
  )
}

/** As one word of a shell, whatever is in it. */
const shellWord = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

type Exported = {
  readonly file: string
  readonly id: string
  readonly events: readonly StoredEvent[]
  readonly partner: string | undefined
}

function exported({ file, id, events, partner }: Exported): string {
  const only = partner === undefined ? '' : ` --partner ${shellWord(partner)}`
  return `${amountOf(events)} of ${shortId(id)} written to ${file}, personal data included.\nEdit it, then: npm run dlq -- redrive ${shortId(id)}${only} --events ${file} --dry-run`
}

const amountOf = ({ length }: readonly StoredEvent[]) =>
  `${length} ${length === 1 ? 'event' : 'events'}`

type Whole = {
  readonly id: string
  readonly isOpen: boolean
  readonly events: readonly StoredEvent[]
  readonly log: readonly Logged[]
}

function report({ id, isOpen, events, log }: Whole, limit: number): string {
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
