// `npm run setup`: makes everything the pipeline needs, and prints what it did.

import type { Command } from 'commander'
import type { Change } from '#operations/setup/change'
import { loadEnvironment } from './environment.ts'
import { print } from './output/print.ts'
import { type Row, render } from './output/tables.ts'

export function registerSetup(program: Command): void {
  program
    .command('setup')
    .description(
      'Create topics, subscriptions, dataset, tables, views, search attributes and the sweep; safe to repeat.',
    )
    .option('--json', 'print the changes as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run setup\n  GOOGLE_CLOUD_PROJECT=my-project npm run setup -- --json',
    )
    .action(async (options: { json?: boolean }) => {
      await setup(options.json ? 'json' : 'table')
    })
}

/** Where some services cannot be set up, what was done in the others is printed first. */
async function setup(format: 'json' | 'table'): Promise<void> {
  const config = await loadEnvironment(['PUBSUB_EMULATOR_HOST', 'BIGQUERY_EMULATOR_HOST'])
  const { setUp } = await import('#operations/setup/setup')
  const { SetupError } = await import('#operations/setup/setup-error')
  const show = (changes: readonly Change[]) => print(render(changes.map(changeRow), format))
  try {
    show(await setUp(config))
  } catch (error) {
    if (error instanceof SetupError && error.changes.length > 0) show(error.changes)
    throw error
  }
}

/** For example `table streaming.audit_log (new columns: part, parts)`, `updated`. Pure. */
export function changeRow({ kind, name, did, newColumns, type }: Change): Row {
  const columns = newColumns ? ` (new columns: ${newColumns.join(', ')})` : ''
  const ofType = type === undefined ? '' : ` (${type})`
  return { what: `${kind} ${name}${columns}${ofType}`, did }
}
