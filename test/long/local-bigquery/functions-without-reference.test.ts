// Functions that GoogleSQL's reference implementation lacks, or answers otherwise than BigQuery documents.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { rowsOf, type Started, start } from '../../support/local-bigquery.ts'

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
})
afterAll(() => bigquery.stop())

const hosts = [
  ['http://abc.xyz', 'abc.xyz'],
  ['//user:password@a.b:80/path?query', 'a.b'],
  ['https://[::1]:80', '[::1]'],
  ['    www.Example.Co.UK    ', 'www.Example.Co.UK'],
  ['mailto:?to=&subject=&body=', 'mailto'],
]

test.each<[string, unknown]>([
  [
    "APPROX_TOP_COUNT(x, 2) FROM UNNEST(['a', 'b', 'a', NULL, NULL, NULL]) AS x",
    [
      { value: null, count: 3 },
      { value: 'a', count: 2 },
    ],
  ],
  ['APPROX_TOP_COUNT(x, 5) FROM UNNEST([7]) AS x', [{ value: 7, count: 1 }]],
  ...hosts.map(([url, host]): [string, unknown] => [`NET.HOST('${url}')`, host]),
  ["NET.HOST('')", null],
  ["NORMALIZE('ﬁ①é', NFKC) = 'fi1é'", true],
  ["NORMALIZE('ﬁé', NFKD) = 'fie\\u0301'", true],
  ["TO_BASE32(b'abcde\\xff')", 'MFRGGZDF74======'],
  ["TO_BASE32(b'')", ''],
  ["TO_HEX(FROM_BASE32('MFRGGZDF74======'))", '6162636465ff'],
  ["SAFE.FROM_BASE32('1')", null],
  // Of the documentation.
  ["CAST(FARM_FINGERPRINT(CONCAT('1', 'foo', 'true')) AS STRING)", '-1541654101129638711'],
  ["CAST(PARSE_DATE('%F', '2026-02-03') AS STRING)", '2026-02-03'],
  [
    "CAST(PARSE_TIMESTAMP('%FT%H:%M:%E*SZ', '2026-02-03T10:00:00.5Z') AS STRING)",
    '2026-02-03 10:00:00.500+00',
  ],
])('SELECT %s', async (expression, expected) => {
  const [select = '', from] = expression.split(/ (?=FROM UNNEST)/)
  expect(await rowsOf(bigquery, `SELECT ${select} AS v ${from ?? ''}`)).toEqual([{ v: expected }])
})
