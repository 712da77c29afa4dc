// GoogleSQL's analyzer as it is installed: the module itself, without a server.

import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type Analysis,
  type Analyzer,
  createAnalyzer,
  isRefusal,
  TooComplexError,
} from '../../../deploy/local/bigquery/analyzer/analyzer.ts'
import { analyzerFiles } from '../../../deploy/local/bigquery/analyzer/install.ts'
import { language } from '../../../deploy/local/bigquery/analyzer/language.ts'
import { readMessages } from '../../../deploy/local/bigquery/analyzer/messages.ts'
import { compileService, type Service } from '../../../deploy/local/bigquery/analyzer/module.ts'
import { parameterOf } from '../../../deploy/local/bigquery/analyzer/parameters.ts'
import { fieldOf, sqlTypeOf } from '../../../deploy/local/bigquery/analyzer/types.ts'
import { ensureAnalyzer } from '../../../deploy/local/tools.ts'

const services: Service[] = []
let analyzer: Analyzer
let schema: string

beforeAll(async () => {
  const files = analyzerFiles(await ensureAnalyzer())
  schema = readFileSync(files.schema, 'utf8')
  const start = await compileService(files.module, files.zones)
  const messages = await readMessages(files.schema)
  analyzer = createAnalyzer(() => {
    const service = start()
    services.push(service)
    return messages(service)
  })
}, 60_000)

const fields = [
  { name: 'id', type: 'STRING', mode: 'REQUIRED' },
  { name: 'amount', type: 'NUMERIC' },
  { name: 'tags', type: 'STRING', mode: 'REPEATED' },
  {
    name: 'items',
    type: 'RECORD',
    mode: 'REPEATED',
    fields: [
      { name: 'sku', type: 'STRING' },
      { name: 'at', type: 'TIMESTAMP' },
    ],
  },
]

function analyze(sql: string, parameters: Parameters<typeof parameterOf>[0][] = []) {
  const names = analyzer.tableNames(sql)
  if (isRefusal(names)) return names
  const tables = names.map((path) => ({ path, fields }))
  return analyzer.analyze(sql, { tables, parameters: parameters.map(parameterOf) })
}

const columnsOf = (result: ReturnType<typeof analyze>) =>
  'columns' in result ? result.columns.map(({ name, type }) => fieldOf(name ?? '', type)) : result

test('every feature and kind of statement of the language is one that the module knows', () => {
  const known = new Set(schema.match(/\b(?:FEATURE|RESOLVED)_\w+/g))
  const { enabled_language_features: features, supported_statement_kinds: statements } = language
  expect([...features, ...statements].filter((name) => !known.has(name))).toEqual([])
  expect(new Set(features).size).toBe(features.length)
})

test.each(['d.t', 'p.d.t', '`p.d.t`', '`d.t`', 'p.`d.t`', '`p.d`.t', 'my-project.d.t'])(
  'a table is found under the path %s, with its columns, modes and fields',
  (path) => {
    expect(columnsOf(analyze(`SELECT * FROM ${path}`))).toEqual(
      fields.map((field) => ({
        ...field,
        mode: field.mode === 'REPEATED' ? 'REPEATED' : 'NULLABLE',
        ...(field.fields && {
          fields: field.fields.map((each) => ({ ...each, mode: 'NULLABLE' })),
        }),
      })),
    )
  },
)

test.each([
  ['SELECT r FROM d.t AS a, a.tags AS r', [['d', 't']]],
  ['SELECT r FROM d.t, t.tags AS r', [['d', 't']]],
  [
    'WITH q AS (SELECT * FROM d.t) SELECT * FROM q JOIN d.u USING (id)',
    [
      ['d', 't'],
      ['d', 'u'],
    ],
  ],
  ['SELECT (SELECT COUNT(*) FROM a.items) FROM d.t AS a', [['d', 't']]],
  [
    'MERGE d.t USING d.u AS s ON FALSE WHEN NOT MATCHED THEN INSERT ROW',
    [
      ['d', 't'],
      ['d', 'u'],
    ],
  ],
])('%s names its tables, and not what it defines itself', (sql, names) => {
  expect(analyzer.tableNames(sql)).toEqual(names)
})

test('the aggregates of NUMERIC and the functions that only BigQuery has keep their types', () => {
  const sql = 'SELECT AVG(amount) AS a, MAX_BY(id, amount) AS b, SUM(amount) / 2 AS c FROM d.t'
  expect(columnsOf(analyze(sql))).toMatchObject([
    { name: 'a', type: 'NUMERIC' },
    { name: 'b', type: 'STRING' },
    { name: 'c', type: 'NUMERIC' },
  ])
  expect(columnsOf(analyze("SELECT CONTAINS_SUBSTR(t, 'x') AS a FROM d.t"))).toMatchObject([
    { name: 'a', type: 'BOOLEAN' },
  ])
})

test('a refusal has the position of what is wrong, over several lines', () => {
  expect(analyze('SELECT id,\n  nope FROM d.t')).toEqual({
    error: 'Unrecognized name: nope',
    line: 2,
    column: 3,
  })
})

test('times of a zone are read by the zones that are installed', () => {
  expect(analyze("SELECT TIMESTAMP '2026-07-01 12:00:00 Europe/Berlin' AS t")).toHaveProperty(
    'columns',
  )
  expect(analyze("SELECT TIMESTAMP '2026-07-01 12:00:00 Europe/Nowhere' AS t")).toMatchObject({
    error: expect.stringContaining('Invalid TIMESTAMP literal'),
  })
})

const scalars = ['STRING', 'BYTES', 'INT64', 'FLOAT64', 'NUMERIC', 'BOOL', 'DATE']
const timesAndJson = ['TIME', 'DATETIME', 'TIMESTAMP', 'JSON', 'INTERVAL']

test.each([...scalars, ...timesAndJson])(
  'a parameter of type %s has that type, in arrays and structs, too',
  (type) => {
    const struct = { type: 'STRUCT', structTypes: [{ name: 'a', type: { type } }] }
    const arrayOfStructs = { type: 'ARRAY', arrayType: struct }
    const parameter = (
      name: string,
      parameterType: { type: string; arrayType?: typeof struct },
    ) => ({
      name,
      parameterType,
      parameterValue: {},
    })
    const result = analyze('SELECT @one AS a, @many[OFFSET(0)].a AS b', [
      parameter('one', { type }),
      parameter('many', arrayOfStructs),
    ])
    expect(result).toMatchObject({
      columns: [{ type: sqlTypeOf({ type }) }, { type: sqlTypeOf({ type }) }],
    })
  },
)

test('parameters without names are taken in order', () => {
  const sent = ['INT64', 'STRING'].map((type) => ({ parameterType: { type }, parameterValue: {} }))
  expect(columnsOf(analyze('SELECT ? AS a, ? AS b', sent))).toMatchObject([
    { name: 'a', type: 'INTEGER' },
    { name: 'b', type: 'STRING' },
  ])
})

test('a statement that exhausts the stack is refused, and the next one is analyzed by a new module', () => {
  const before = services.length
  expect(() => analyze(`SELECT ${'1+'.repeat(20_000)}1`)).toThrow(TooComplexError)
  expect(services).toHaveLength(before + 1)
  expect(columnsOf(analyze('SELECT id FROM d.t'))).toMatchObject([{ name: 'id', type: 'STRING' }])
})

test('the memory of the module does not grow with statements, refusals and changed tables', () => {
  const analyzeAll = (n: number) => {
    const changed = [{ name: `c${n}`, type: 'STRING' }]
    const context = { tables: [{ path: ['d', 'changed'], fields: changed }], parameters: [] }
    const result: Analysis | object = analyzer.analyze('SELECT * FROM d.changed', context)
    expect(result).toMatchObject({ columns: [{ name: `c${n}` }] })
    expect(analyze('SELECT nope FROM d.t')).toHaveProperty('error')
  }
  for (let n = 0; n < 10; n++) analyzeAll(n)
  const before = services.at(-1)?.memoryBytes()
  for (let n = 10; n < 40; n++) analyzeAll(n)
  expect(services.at(-1)?.memoryBytes()).toBe(before)
}, 60_000)

test('every text is analyzed or refused with a position within it', () => {
  const word = fc.constantFrom(
    'SELECT',
    '1',
    'FROM',
    'd.t',
    "'a",
    '"',
    '(',
    ')',
    ',',
    '@',
    '\\',
    '\u{1F600}',
    '\0',
    'ä',
    '`',
    '/*',
    '\n',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const sql = words.join(' ')
      const result = analyze(sql)
      if (!isRefusal(result)) return
      expect(result.line).toBeGreaterThanOrEqual(1)
      expect(result.line).toBeLessThanOrEqual(sql.split('\n').length)
      expect(result.error).not.toBe('')
    }),
    { numRuns: 100 },
  )
}, 60_000)
