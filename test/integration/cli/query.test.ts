// `npm run query` shows what BigQuery answered: every column, every digit, every field.

import { expect, test } from '@jest/globals'
import { runCommand } from '../../support/run-command.ts'
import { useStack } from '../../support/stack.ts'

const stack = useStack('bigquery')

async function outputOf(sql: string, format: '--csv' | '--json' | '--table'): Promise<string> {
  const { code, stdout, stderr } = await runCommand(
    ['query', sql, ...(format === '--table' ? [] : [format])],
    undefined,
    {
      BIGQUERY_EMULATOR_HOST: String(stack().env['BIGQUERY_EMULATOR_HOST']),
      GOOGLE_CLOUD_PROJECT: 'local',
    },
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

test('without rows CSV has its header', async () => {
  const sql = 'SELECT 1 AS n, "x" AS text, [1] AS list FROM UNNEST([1]) WHERE FALSE'
  expect(await outputOf(sql, '--csv')).toBe('n,text,list\n')
})

test('every format keeps the digits of whole numbers, also inside lists and structs', async () => {
  const sql =
    'SELECT 9007199254740993 AS n, -9223372036854775808 AS least, [9007199254740993] AS list, STRUCT(9007199254740993 AS n) AS inner_, 7 AS small'
  expect(await outputOf(sql, '--csv')).toBe(
    'n,least,list,inner_,small\n9007199254740993,-9223372036854775808,"[""9007199254740993""]","{""n"":""9007199254740993""}",7\n',
  )
  expect(JSON.parse(await outputOf(sql, '--json'))).toEqual([
    {
      n: '9007199254740993',
      least: '-9223372036854775808',
      list: ['9007199254740993'],
      inner_: { n: '9007199254740993' },
      small: 7,
    },
  ])
  expect(await outputOf(sql, '--table')).toContain('9007199254740993')
})

test('a struct with a field called value keeps its other fields, and a time is its text', async () => {
  const sql =
    'SELECT STRUCT("a" AS value, 2 AS other) AS s, [STRUCT("b" AS value, STRUCT("c" AS value, 1 AS x) AS y)] AS list, DATE "2026-11-27" AS day, TIMESTAMP "2026-11-27 10:00:00.123456+00" AS t'
  expect(JSON.parse(await outputOf(sql, '--json'))).toEqual([
    {
      s: { value: 'a', other: 2 },
      list: [{ value: 'b', y: { value: 'c', x: 1 } }],
      day: '2026-11-27',
      t: expect.stringMatching(/^2026-11-27T10:00:00\.123456/),
    },
  ])
})
