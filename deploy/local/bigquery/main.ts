// Starts the local BigQuery from the command line: one JSON line on stdout when ready, a clean end on a signal.

import { parseArgs } from 'node:util'
import { visible } from '#contracts/visible'
import { startLocalBigQuery } from './api/server.ts'
import { messageOf } from './values/errors.ts'

const usage = `Usage: node --import tsx/esm deploy/local/bigquery/main.ts [options]

  --file FILE      the DuckDB file               (default .stack/bigquery.duckdb)
  --port PORT      0 takes any free port         (default 9050)
  --host HOST      the address to listen on      (default 127.0.0.1)
  --project ID     the one project it serves     (default local)
  --help           this text

Prints {"listening":"http://HOST:PORT"} when ready. Ends on SIGTERM or SIGINT.
`

const OPTIONS = {
  file: { type: 'string', default: '.stack/bigquery.duckdb' },
  port: { type: 'string', default: '9050' },
  host: { type: 'string', default: '127.0.0.1' },
  project: { type: 'string', default: 'local' },
  help: { type: 'boolean', default: false },
} as const

function fail(message: string): never {
  process.stderr.write(`${visible(message.split('\n')[0] ?? '')}\n`)
  process.exit(2)
}

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (error) {
    return fail(messageOf(error))
  }
}

async function main() {
  // The file and its log hold personal data.
  process.umask(0o077)
  const { help, file, port, host, project } = readOptions()
  if (help) {
    process.stdout.write(usage)
    return
  }
  const options = { file, port: Number(port), host, project, preload: true }
  const server = await startLocalBigQuery(options).catch((error: unknown) => fail(messageOf(error)))
  process.stdout.write(`${JSON.stringify({ listening: server.url })}\n`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void server.close().then(() => process.exit(0)))
}

await main()
