// `npm run activation -- status`: what activation does, who has limited it, and what waits.

import type { Command } from 'commander'
import { type ActivationStatus, activationStatus } from '#operations/activation/status'
import { readRegistry } from '#runtime/partners/registry'
import { openReader } from '#warehouse/open-reader'
import { loadEnvironment } from '../environment.ts'
import { whole } from '../option-values.ts'
import { print } from '../output/print.ts'
import { placeOf, withTemporal } from './reach.ts'
import { statusText } from './status-text.ts'

type Options = { readonly days: number; readonly json?: boolean }

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('Show the limit and who set it, what waits, what Segment answers, who is off.')
    .option(
      '--days <number>',
      'count events published in these last days, and those of all batches that wait',
      whole,
      7,
    )
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options)
    })
}

async function run({ days, json }: Options): Promise<number> {
  const config = await loadEnvironment(['BIGQUERY_EMULATOR_HOST'])
  const { registry } = await readRegistry(config.PARTNERS_FILE)
  const status = await withTemporal((client) =>
    activationStatus({ ...placeOf(client, config), read: openReader(config), registry, days }),
  )
  print(json ? JSON.stringify(status, null, 2) : statusText(status))
  return exitCodeOf(status.state)
}

/** Pure. */
export const exitCodeOf = (state: ActivationStatus['state']): number => (STOPPED.has(state) ? 1 : 0)

const STOPPED: ReadonlySet<ActivationStatus['state']> = new Set([
  'paused',
  'throttled',
  'open',
  'probing',
])

const HELP = `
Examples:
  npm run activation -- status
  npm run activation -- status --days 30
  npm run -s activation -- status --json

Exit code: 0 where events are sent, 1 where activation is stopped, by a person or because Segment is unavailable, or where a service
does not answer, 2 if the command is wrong.`
