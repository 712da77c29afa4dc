// What a command prints reaches whoever reads it: all of it, however slowly, and no more than is wanted.

import { expect, test } from '@jest/globals'
import { runShell } from '../../support/run-command.ts'
import { useStack } from '../../support/stack.ts'

const stack = useStack('bigquery')

const LINES = 5_000

const readBy = (reader: string) =>
  runShell(`set -o pipefail
export BIGQUERY_EMULATOR_HOST=${stack().env['BIGQUERY_EMULATOR_HOST']} GOOGLE_CLOUD_PROJECT=local
${process.execPath} --import=tsx/esm cli/main.ts query --csv \
  "SELECT n, REPEAT('x', 1000) AS text FROM UNNEST(GENERATE_ARRAY(1, ${LINES})) AS n" | (${reader})`)

test('a slow reader gets all of it', async () => {
  const { code, stderr, stdout } = await readBy('sleep 1; wc -l')
  expect([code, stderr, Number(stdout)]).toEqual([0, '', LINES + 1])
})

test('one who has read enough hears no complaint', async () => {
  expect(await readBy('head -1')).toEqual({ code: 0, stderr: '', stdout: 'n,text\n' })
})
