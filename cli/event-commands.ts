// `npm run demo` and `npm run send`: their options and their help.

import { type Command, Option } from 'commander'
import { wallClockMs } from '#runtime/clock'
import { loadEnvironment } from './environment.ts'
import { positive, share, whole } from './option-values.ts'
import { print } from './output/print.ts'

export function registerDemo(program: Command): void {
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
}

export function registerSend(program: Command): void {
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
}

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
