// The commands, their options and their help.

import { Command, Option } from 'commander'
import { wallClockMs } from '#runtime/clock'
import { runMain } from '#runtime/main'
import { registerDoctor } from './doctor/command.ts'
import { loadEnvironment } from './environment.ts'
import { registerErase } from './erase/command.ts'
import { positive, share, whole } from './option-values.ts'
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

program
  .command('demo')
  .description('Start everything on this machine, send events through it and show the ledger.')
  .addOption(count(2000))
  .addOption(partners())
  .addOption(invalid())
  .addOption(seed(1, '1'))
  .addOption(eventsFile())
  .option('--json', 'print the ledger as one JSON object, as the last line')
  .option('--exit', 'stop everything once the ledger is shown')
  .addHelpText(
    'after',
    `
Examples:
  npm run demo
  npm run -s demo -- --count 5000 --seed 7 --json --exit
  npm run demo -- --events test/fixtures/sample-events.ndjson --exit

It starts with empty tables, and stays up until Ctrl-C where there is a terminal.
Exit code: 0 if the ledger balances, 1 if not, 2 if something is missing.`,
  )
  .action(async (options) => {
    const { demo } = await import('./demo/demo.ts')
    // Calls that an interrupted demo leaves under way would keep the process for as long as they are retried.
    process.exit(await demo(options))
  })

registerSetup(program)
registerDoctor(program)

program
  .command('send')
  .description('Publish test events, or the lines of a file, to the topic.')
  .addOption(count(100))
  .option('--rate <events>', 'events a second (default: as fast as Pub/Sub takes them)', positive)
  .addOption(partners())
  .addOption(invalid())
  .addOption(seed(newSeed(), 'another each second'))
  .addOption(eventsFile())
  .option('--topic <name>', 'topic to publish to (default: PUBSUB_TOPIC, or car-events)')
  .option('--json', 'print the result as JSON')
  .addHelpText(
    'after',
    `
Examples:
  npm run send -- --count 1000 --rate 200
  npm run send -- --invalid 0.5
  npm run send -- --events test/fixtures/sample-events.ndjson
  npm run send -- --events orders.json
  echo '{"type":"purchase"}' | npm run send -- --events -`,
  )
  .action(async (options) => {
    const config = await loadEnvironment(['PUBSUB_EMULATOR_HOST'])
    const { sendEvents } = await import('./send-events.ts')
    const published = await sendEvents(config, options)
    const messages = published === 1 ? 'message' : 'messages'
    print(options.json ? JSON.stringify({ published }) : `${published} ${messages} published.`)
  })

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

program
  .command('cost')
  .description(
    'What the pipeline costs at list prices, from what `npm run bench` measured on this machine.',
  )
  .option('--rate <events>', 'mean events a second', positive, 1000)
  .addOption(
    new Option('--rates <list>', 'compare rates, separated by commas')
      .argParser((value) => value.split(',').map(positive))
      .conflicts(['rate', 'json']),
  )
  .option(
    '--batch <events>',
    'events a batch (default: as two bridges make them, from what was measured)',
    positive,
  )
  .option('--retention <days>', 'days Temporal keeps finished workflows', positive, 7)
  .option('--publish-batch <messages>', 'messages partners publish in a request', positive, 1)
  .addOption(
    new Option('--plan <name>', 'plan of Temporal Cloud')
      .choices(['developer', 'business'])
      .default('developer'),
  )
  .option('--cancelled <share>', 'share of the events that are cancellations', share, 0.05)
  .option('--fairness', 'with fairness between partners, a tenth more actions')
  .addOption(
    new Option('--writer <name>', 'how BigQuery is written')
      .choices(['storage-write', 'insert-all'])
      .default('storage-write'),
  )
  .option('--change-events <subscriptions>', 'with change events, for so many consumers', positive)
  .option('--prices <file>', 'JSON of your own prices, by the names of cli/cost/prices.ts')
  .option('--measured <file>', 'what was measured', 'bench/results/latest.json')
  .option('--json', 'print everything as JSON')
  .addHelpText(
    'after',
    `
Examples:
  npm run cost -- --rate 1000
  npm run cost -- --rates 10,100,1000,10000 --plan business
  npm run cost -- --rate 1000 --batch 500 --retention 30 --writer insert-all
  npm run cost -- --rate 1000 --change-events 1
  echo '{"temporalActions":25}' > /tmp/prices.json && npm run -s cost -- --prices /tmp/prices.json --json`,
  )
  .action(async (options) => {
    const { cost } = await import('./cost/cost.ts')
    print(await cost(options))
  })

function count(standard: number) {
  return new Option('--count <events>', 'messages to publish').default(standard).argParser(whole)
}

function partners() {
  return new Option('--partners <number>', 'partners they come from').default(5).argParser(whole)
}

function invalid() {
  return new Option('--invalid <share>', 'share that breaks the contract, 0 to 1')
    .default(0.02)
    .argParser(share)
}

function seed(standard: number, meaning: string) {
  return new Option('--seed <number>', 'same seed, same events (of the same day)')
    .default(standard, meaning)
    .argParser(whole)
}

/** Another one each second, so that events sent again and again are new ones. */
function newSeed(): number {
  return Math.floor(wallClockMs() / 1000) % 1_000_000_000
}

function eventsFile() {
  return new Option(
    '--events <file>',
    'publish a file of NDJSON or of one JSON array instead, - for stdin',
  )
}

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
