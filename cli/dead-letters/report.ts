// `npm run dlq -- report`: what one partner's events were rejected for, good enough to send to that partner.

import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { visible, visibleInLine } from '#contracts/visible'
import type { Report, ReportRequest, ReportResult } from '#operations/partner-report/read'
import { UsageError } from '#runtime/errors'
import { anId } from '../option-values.ts'
import { CSV_HELP } from '../output/csv.ts'
import { print, tell } from '../output/print.ts'
import { WHEN_HELP, when } from '../when.ts'

type Options = {
  partner: string
  since?: Date
  until?: Date
  open?: boolean
  csv?: boolean
  json?: boolean
  out?: string
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('What the events of one partner were rejected for, to be sent to that partner.')
    .requiredOption(
      '--partner <id>',
      'whose events; `unknown` for those that name no partner',
      anId,
    )
    .addOption(new Option('--since <when>', `published since: ${WHEN_HELP}`).argParser(when))
    .addOption(new Option('--until <when>', 'published before').argParser(when))
    .option('--open', 'only what waits to be corrected: nothing redriven, resent or discarded')
    .addOption(new Option('--csv', 'a line for each reason, as CSV').conflicts('json'))
    .option('--json', 'print it as JSON')
    .option('--out <file>', 'write it to a file')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      await run(options)
    })
}

const HELP = `
Examples:
  npm run -s dlq -- report --partner dealer-7 > dealer-7.md
  npm run dlq -- report --partner dealer-7 --since 7d --out dealer-7.md
  npm run -s dlq -- report --partner dealer-7 --since 2026-11-01 --until 2026-12-01 --csv
  npm run dlq -- report --partner dealer-7 --open

Personal data in samples is masked.
${CSV_HELP}

Exit code: 0 if there is a report, 1 if nothing came from that partner, 2 if something is wrong with the command.`

/** Prints or writes the report; where nothing came from the partner, says who sent something, and sets exit code 1. */
async function run(options: Options): Promise<void> {
  const { partner, since, until, open = false, out } = options
  const result = await read({ partner, since, until, open })
  if ('otherPartners' in result) {
    tell(nothingCame(partner, result.otherPartners))
    process.exitCode = 1
    return
  }
  const text = await written(result.report, options)
  if (out === undefined) print(text)
  else await write(out, text)
}

async function read(request: ReportRequest): Promise<ReportResult> {
  const { reportOn } = await import('#operations/partner-report/read')
  const { withBigQuery } = await import('../reach-bigquery.ts')
  return withBigQuery((bigquery) => reportOn(bigquery, request), true)
}

async function written(report: Report, { csv, json }: Options): Promise<string> {
  if (json) return JSON.stringify(report, null, 2)
  const { asCsv, asMarkdown } = await import('./report-text.ts')
  return csv ? asCsv(report) : asMarkdown(report)
}

/** Pure. */
export function nothingCame(partner: string, others: readonly string[]): string {
  const known =
    others.length > 0
      ? `These partners sent events: ${others.map(visibleInLine).join(', ')}.`
      : 'No other partner sent any either: look at another period with --since and --until.'
  return `Nothing came from ${visibleInLine(partner)} in this period. ${known}`
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, `${visible(text)}\n`, { mode: 0o600 })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`The report cannot be written to ${file}: ${why}. Choose another --out.`)
  }
  tell(`Written to ${file}.`)
}
