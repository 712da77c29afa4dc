// `npm run dbt` as a person meets it before anything is installed.

import { expect, test } from '@jest/globals'
import { runCommand } from '../../support/run-command.ts'

test('the help names what is needed, examples and exit codes, and installs nothing', async () => {
  const { code, stdout, stderr } = await runCommand(['--help'], 'deploy/local/dbt/main.ts')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const text of ['Python 3.11', 'npm run dbt -- build --select orders+', 'Exit code: 0'])
    expect(stdout).toContain(text)
})
