// `npm run oracle`: asks everything, writes the counts into the README, and prints what is answered wrongly.

import { readFileSync, writeFileSync } from 'node:fs'
import { withReport } from './report.ts'
import { runOnce } from './run.ts'

const readme = 'deploy/local/bigquery/README.md'

const results = await runOnce()
writeFileSync(readme, withReport(readFileSync(readme, 'utf8'), results))
for (const { sql, verdict } of Object.values(results).flat())
  if (verdict.kind === 'different') process.stdout.write(`${sql}\n    ${verdict.how}\n`)
