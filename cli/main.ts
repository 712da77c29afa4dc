// The commands, their options and their help.

import { Command, Option } from 'commander'
import { runMain } from '#runtime/main'
import { registerCost } from './cost/command.ts'
import { registerDoctor } from './doctor/command.ts'
import { registerErase } from './erase/command.ts'
import { registerDemo, registerSend } from './event-commands.ts'
import { CSV_HELP, csvOf } from './output/csv.ts'
import { COMMANDER_OUTPUT, endWithReader, flushOutput, print } from './output/print.ts'
import { render } from './output/tables.ts'
import { registerPartners } from './partners.ts'
import { registerReplay } from './replay/command.ts'
import { registerSetup } from './setup.ts'
import { registerTrace } from './trace/command.ts'
import { registerTrackingPlan } from './tracking-plan.ts'

// What commands and the stack they start write may hold personal data.
process.umask(0o077)
muteMetadataWarning()
endWithReader()

const program = new Command('car-events')
  .description('Purchase and cancellation events: Pub/Sub to BigQuery and Segment.')
  .showHelpAfterError('(see --help)')
  .configureOutput(COMMANDER_OUTPUT)
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2)
  })

registerDemo(program)
registerSetup(program)
registerDoctor(program)

registerSend(program)

program
  .command('query')
  .description(
    'Run SQL on the BigQuery of a running demo; else on the one GOOGLE_CLOUD_PROJECT names; else on what the last demo left.',
  )
  .argument('<sql>', 'GoogleSQL')
  .addOption(new Option('--json', 'print rows as JSON').conflicts('csv'))
  .addOption(new Option('--csv', 'print rows as CSV'))
  .addHelpText(
    'after',
    `
Examples:
  npm run query -- "SELECT order_id, amount, timestamp FROM streaming.staging_purchase LIMIT 10"
  npm run -s query -- "SELECT partner_id, COUNT(*) AS orders FROM streaming.purchase GROUP BY partner_id" --csv
${CSV_HELP}`,
  )
  .action(async (sql: string, options: { json?: boolean; csv?: boolean }) => {
    const { query } = await import('./query.ts')
    const { rows, numbers, columns } = await query(sql)
    if (options.csv) print(csvOf(rows, { numbers, ...(columns && { columns }) }))
    else print(render(rows, options.json ? 'json' : 'table'))
  })

registerTrace(program)
registerTrackingPlan(program)
registerPartners(program)
registerReplay(program)
registerErase(program)
// The clients behind it take a second to load: no other command waits for them.
if (process.argv[2] === 'dlq')
  (await import('./dead-letters/command.ts')).registerDeadLetters(program)
else program.command('dlq').description('Dead letters: see what failed, correct it, send it again.')
if (process.argv[2] === 'activation')
  (await import('./activation/command.ts')).registerActivation(program)
else {
  program
    .command('activation')
    .description('Activation: see its state, pause it, bound its rate, switch partners off.')
}

registerCost(program)

/** Google's library warns where it looks for credentials in vain; the error that follows says it better. */
function muteMetadataWarning(): void {
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name === 'MetadataLookupWarning') return
    for (const printer of printers) printer(warning)
  })
}

await runMain(async () => {
  try {
    await program.parseAsync()
  } catch (error) {
    const { explainError } = await import('./explain-error.ts')
    throw explainError(error)
  }
})

// What a client still waits for, or tries again, is nobody's any more: it would keep the process, or end it with a stack trace.
await flushOutput()
process.exit()
