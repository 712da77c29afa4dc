// `npm run dbt`: installs dbt, and builds and tests the curated models on the demo's data or in a project.

import { runMain } from '#runtime/main'
import { progressLines } from '../progress.ts'
import { ensureDbt } from './install.ts'
import { findPlace, type OpenPlace } from './place.ts'
import { runDbt } from './run.ts'

const USAGE = `Usage: npm run dbt [-- <arguments of dbt>]

Builds and tests the models of the folder dbt/ in the dataset DBT_DATASET (curated): in the BigQuery that
BIGQUERY_EMULATOR_HOST names, else in that of the running demo, else in the project GOOGLE_CLOUD_PROJECT names, else
in the tables of the last demo. The first run installs dbt into .stack/tools: 700 MB, and needs Python 3.11 with pip.

Without arguments a local BigQuery is built from nothing, and then once more as an hourly run does it. A project
is built once, as an hourly run does it.

Examples:
  npm run demo -- --exit && npm run dbt
  npm run dbt -- source freshness
  npm run dbt -- build --select orders+
  npm run dbt -- build --full-refresh
  npm run query -- "SELECT * FROM curated.daily_conversions ORDER BY day DESC LIMIT 10"
  GOOGLE_CLOUD_PROJECT=my-project npm run dbt -- debug

Exit code: 0 if everything was built and every test passed, 1 if not, 2 if something is missing or an argument is wrong.
`

/** Without arguments: what a first run and the next one do. */
const commandsOf = (
  args: readonly string[],
  { target }: OpenPlace,
): readonly (readonly string[])[] => {
  if (args.length > 0) return [args]
  return target === 'local' ? [['build', '--full-refresh'], ['build']] : [['build']]
}

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  if (args[0] === '--help' || args[0] === '-h') {
    process.stdout.write(USAGE)
    return
  }
  const place = await findPlace()
  try {
    const dbt = await ensureDbt(progressLines())
    for (const command of commandsOf(args, place)) {
      process.stderr.write(`dbt ${command.join(' ')} in ${place.title}\n`)
      const { code } = await runDbt(dbt, place, command)
      process.exitCode = code
      if (code !== 0) return
    }
  } finally {
    await place.close()
  }
}

// What a model holds may be personal data, such as the reasons of cancellations.
process.umask(0o077)
await runMain(main)
