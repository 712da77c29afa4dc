import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  createTable,
  errorOf,
  insertAll,
  rowsOf,
  type Started,
  start,
} from '../../support/local-bigquery.ts'

let bigquery: Started
const run = async (query: string): Promise<unknown> => {
  const [job] = await bigquery.client.createQueryJob(query)
  await job.getQueryResults()
  return (await job.getMetadata())[0].statistics.query
}
beforeAll(async () => {
  bigquery = await start()
  await bigquery.client.createDataset('d')
})
afterAll(() => bigquery.stop())

describe('DDL', () => {
  test('CREATE TABLE keeps types, modes, defaults, layout and options', async () => {
    const statistics = await run(`
      CREATE TABLE IF NOT EXISTS d.made (
        id STRING NOT NULL OPTIONS (description = 'the key'),
        total NUMERIC DEFAULT 1.5,
        ts TIMESTAMP DEFAULT CURRENT_TIMESTAMP(),
        items ARRAY<STRUCT<sku STRING, prices ARRAY<NUMERIC>>>)
      PARTITION BY TIMESTAMP_TRUNC(ts, HOUR) CLUSTER BY id
      OPTIONS (description = 'orders', labels = [('a', 'b')], partition_expiration_days = 2)`)
    expect(statistics).toMatchObject({
      statementType: 'CREATE_TABLE',
      ddlTargetTable: { datasetId: 'd', tableId: 'made' },
    })
    const [metadata] = await bigquery.client.dataset('d').table('made').getMetadata()
    expect(metadata).toMatchObject({
      description: 'orders',
      labels: { a: 'b' },
      timePartitioning: { type: 'HOUR', field: 'ts', expirationMs: '172800000' },
      clustering: { fields: ['id'] },
    })
    expect(metadata.schema.fields).toMatchObject([
      { name: 'id', type: 'STRING', mode: 'REQUIRED', description: 'the key' },
      { name: 'total', type: 'NUMERIC', mode: 'NULLABLE', defaultValueExpression: '1.5' },
      { name: 'ts', type: 'TIMESTAMP', defaultValueExpression: 'CURRENT_TIMESTAMP()' },
      {
        name: 'items',
        type: 'RECORD',
        mode: 'REPEATED',
        fields: [{ name: 'sku' }, { name: 'prices', mode: 'REPEATED' }],
      },
    ])
    await run("INSERT INTO d.made (id) VALUES ('a')")
    expect(await rowsOf(bigquery, 'SELECT id, total, ts IS NULL AS t FROM d.made')).toEqual([
      { id: 'a', total: '1.5', t: false },
    ])
  })

  test('CREATE TABLE AS SELECT, CREATE OR REPLACE VIEW, DROP', async () => {
    await run('CREATE TABLE d.copied AS SELECT 1 AS a, [2] AS b')
    await run('CREATE VIEW d.seen AS SELECT a FROM d.copied')
    await run('CREATE OR REPLACE VIEW `local.d.seen` AS SELECT b FROM d.copied')
    expect(await rowsOf(bigquery, 'SELECT * FROM d.seen')).toEqual([{ b: [2] }])
    await run('DROP VIEW d.seen')
    await run('DROP TABLE d.copied')
    await run('DROP TABLE IF EXISTS d.copied')
    expect(await errorOf(run('DROP TABLE d.copied'))).toMatchObject({ code: 404 })
  })

  test('CREATE OR REPLACE TABLE may read the table that it replaces, in place of which it comes at once', async () => {
    await run('CREATE TABLE d.counted AS SELECT 1 AS a')
    const statistics = await run(
      'CREATE OR REPLACE TABLE d.counted AS SELECT a + 1 AS a, "x" AS b FROM d.counted',
    )
    expect(statistics).toMatchObject({ statementType: 'CREATE_TABLE_AS_SELECT' })
    const failing = 'CREATE OR REPLACE TABLE d.counted AS SELECT DIV(1, a - 2) AS a FROM d.counted'
    expect(await errorOf(run(failing))).toMatchObject({
      message: expect.stringMatching(/division by zero/),
    })
    expect(await rowsOf(bigquery, 'SELECT * FROM d.counted')).toEqual([{ a: 2, b: 'x' }])
  })

  test('CREATE TABLE AS SELECT takes its columns from the query, parameters and a column list included', async () => {
    await bigquery.client.query({
      query: `CREATE TABLE d.filled (day DATE NOT NULL OPTIONS (description = 'the day'), n NUMERIC)
              PARTITION BY DATE_TRUNC(day, MONTH) AS SELECT @day, NUMERIC '1.5'`,
      params: { day: bigquery.client.date('2026-01-31') },
    })
    const [metadata] = await bigquery.client.dataset('d').table('filled').getMetadata()
    expect(metadata).toMatchObject({
      timePartitioning: { type: 'MONTH', field: 'day' },
      schema: {
        fields: [
          { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'the day' },
          { name: 'n', type: 'NUMERIC' },
        ],
      },
    })
    await run('CREATE TABLE d.fields AS SELECT AS STRUCT day, [n] AS l FROM d.filled')
    expect(await rowsOf(bigquery, 'SELECT CAST(day AS STRING) AS day, l FROM d.fields')).toEqual([
      { day: '2026-01-31', l: ['1.5'] },
    ])
  })

  test('fields within a STRUCT keep their modes and descriptions', async () => {
    await run(
      `CREATE TABLE d.nested (r STRUCT<a INT64 NOT NULL, l ARRAY<STRUCT<b STRING OPTIONS (description = 'b')>>>)`,
    )
    const [metadata] = await bigquery.client.dataset('d').table('nested').getMetadata()
    expect(metadata.schema.fields[0].fields).toMatchObject([
      { name: 'a', mode: 'REQUIRED' },
      { name: 'l', mode: 'REPEATED', fields: [{ name: 'b', description: 'b' }] },
    ])
  })

  test('OPTIONS are expressions, of tables, views and datasets, and NULL takes one away', async () => {
    const [dataset, view] = [
      bigquery.client.dataset('told'),
      bigquery.client.dataset('told').table('v'),
    ]
    await run(`CREATE SCHEMA told OPTIONS (description = CONCAT('a', 'b'), labels = [('k', 'v')])`)
    await run(
      `CREATE VIEW told.v OPTIONS (friendly_name = 'V', description = 'd') AS SELECT 1 AS a`,
    )
    await run(`ALTER VIEW told.v SET OPTIONS (
      description = NULL, expiration_timestamp = TIMESTAMP_ADD('2999-12-31 00:00:00Z', INTERVAL 1 DAY))`)
    await run(
      `ALTER SCHEMA told SET OPTIONS (description = UPPER('cd'), default_table_expiration_days = 0.5)`,
    )
    const [[ofDataset], [ofView]] = [await dataset.getMetadata(), await view.getMetadata()]
    expect(ofDataset).toMatchObject({
      description: 'CD',
      labels: { k: 'v' },
      defaultTableExpirationMs: '43200000',
    })
    expect(ofView).toMatchObject({ friendlyName: 'V', expirationTime: '32503680000000' })
    expect(ofView).not.toHaveProperty('description')
    await run('DROP SCHEMA told CASCADE')
  })

  test('ALTER TABLE changes several columns at once, or none', async () => {
    await run('CREATE TABLE d.altered (a INT64 NOT NULL, b STRING DEFAULT "x")')
    await run(`ALTER TABLE d.altered ADD COLUMN IF NOT EXISTS b INT64, ADD COLUMN c ARRAY<INT64>,
                 ALTER COLUMN a DROP NOT NULL, ALTER COLUMN b DROP DEFAULT, ALTER COLUMN a SET DEFAULT 1 + 1,
                 ALTER COLUMN b SET OPTIONS (description = 'the b')`)
    await run('INSERT INTO d.altered (c) VALUES ([3])')
    expect(await rowsOf(bigquery, 'SELECT * FROM d.altered')).toEqual([{ a: 2, b: null, c: [3] }])
    const twice = 'ALTER TABLE d.altered ADD COLUMN e INT64, ADD COLUMN b INT64'
    expect(await errorOf(run(twice))).toMatchObject({ code: 400 })
    const [metadata] = await bigquery.client.dataset('d').table('altered').getMetadata()
    expect(metadata.schema.fields).toMatchObject([
      { name: 'a', mode: 'NULLABLE', defaultValueExpression: '1 + 1' },
      { name: 'b', type: 'STRING', description: 'the b' },
      { name: 'c', mode: 'REPEATED' },
    ])
    await run('ALTER TABLE IF EXISTS d.nowhere SET OPTIONS (description = "x")')
    await run('ALTER TABLE IF EXISTS `local.d.nowhere` ADD COLUMN a INT64')
  })

  test('CREATE SCHEMA and DROP SCHEMA', async () => {
    await run('CREATE SCHEMA IF NOT EXISTS extra')
    await run('CREATE SCHEMA IF NOT EXISTS extra')
    expect(await errorOf(run('CREATE SCHEMA extra'))).toMatchObject({ code: 409 })
    await run('CREATE TABLE extra.t (a INT64)')
    expect(await errorOf(run('DROP SCHEMA extra'))).toMatchObject({ code: 400 })
    await run('DROP SCHEMA extra CASCADE')
  })

  test.each<[string, number, RegExp]>([
    ['CREATE TABLE d.x (a NUMERIC(10, 2))', 501, /NUMERIC with parameters/],
    ['CREATE TABLE d.x (a INT64) OPTIONS (kms_key_name = "k")', 501, /kms_key_name/],
    ['CREATE MATERIALIZED VIEW d.x AS SELECT 1', 501, /CREATE MATERIALIZED/],
    ['CREATE TEMP TABLE x AS SELECT 1 AS a', 501, /CREATE TEMP TABLE/],
    ['CREATE SEARCH INDEX i ON d.made(ALL COLUMNS)', 501, /CREATE SEARCH/],
    ['ALTER SCHEMA d ADD REPLICA `r`', 501, /ALTER SCHEMA REPLICA/],
    ['CREATE TABLE d.x (a INT64) PARTITION BY _PARTITIONDATE', 501, /ingestion-time/],
    ['CREATE TABLE d.x LIKE d.made', 501, /LIKE in CREATE TABLE/],
    ['CREATE TABLE d.x COPY d.made', 501, /COPY in CREATE TABLE/],
    ['CREATE TABLE d.x CLONE d.made', 501, /CLONE in CREATE TABLE/],
    ['CREATE TABLE d.x (a ARRAY<NUMERIC(10, 2)>)', 501, /NUMERIC with parameters/],
    ['CREATE TABLE d.x (a STRUCT<b STRING(5)>)', 501, /STRING with parameters/],
    ['CREATE TABLE d.x (a BIGNUMERIC)', 501, /a column of type BIGNUMERIC \(a\)/],
    ["CREATE TABLE d.x (a STRING COLLATE 'und:ci')", 501, /COLLATE/],
    ['CREATE TABLE d.x (a INT64, PRIMARY KEY (a) NOT ENFORCED)', 501, /PRIMARY KEY/],
    [
      'CREATE TABLE d.x (a INT64) PARTITION BY RANGE_BUCKET(a, GENERATE_ARRAY(0, 9, 3))',
      501,
      /PARTITION BY RANGE_BUCKET/,
    ],
    ['CREATE VIEW d.x (a) AS SELECT 1', 501, /a list of columns in CREATE VIEW/],
    ["CREATE SCHEMA x DEFAULT COLLATE 'und:ci'", 501, /COLLATE/],
    ['DROP EXTERNAL TABLE d.x', 501, /DROP EXTERNAL/],
    ['ALTER TABLE d.made DROP COLUMN total', 501, /ALTER TABLE DROP COLUMN/],
    ['CREATE TABLE d.x (a STRUCT<b INT64>) CLUSTER BY a', 400, /Cannot cluster by the field a/],
    ['CREATE TABLE d.x (a INT64 DEFAULT DIV(1, 0))', 400, /field a: division by zero: 1 \/ 0$/],
    ['ALTER TABLE d.made RENAME TO x', 501, /ALTER TABLE RENAME TO/],
    ['ALTER TABLE d.made RENAME COLUMN total TO x', 501, /ALTER TABLE RENAME COLUMN/],
    ['ALTER VIEW d.made SET OPTIONS (description = "x")', 400, /d.made is not a view/],
    ['ALTER TABLE d.nowhere ADD COLUMN a INT64', 404, /Not found: Table/],
    ['ALTER TABLE d.nowhere SET OPTIONS (description = "x")', 404, /Not found: Table/],
    ['ALTER TABLE d.made SET OPTIONS (partition_expiration_days = -1)', 400, /positive number/],
    ['ALTER TABLE d.made ADD COLUMN total STRING', 400, /Column already exists/],
    ['ALTER TABLE d.made ADD COLUMN z INT64, ADD COLUMN Z STRING', 400, /z|Z/],
    ['ALTER TABLE d.made ALTER COLUMN nope DROP NOT NULL', 400, /Column not found: nope/],
  ])('%s is refused', async (query, code, message) => {
    expect(await errorOf(run(query))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test.each<[string, string]>([
    ['CREATE TABLE d.x (a STRNG)', 'Type not found: STRNG at [1:21]'],
    [
      'CREATE TABLE d.x (a INT64',
      'Syntax error: Expected ")" or "," but got end of statement at [1:26]',
    ],
    ['CREATE TABLE d.x (a INT64, A STRING)', 'Duplicate column name A in CREATE TABLE at [1:28]'],
    ['CREATE TABLE d.x (a DATE)\nPARTITION BY b', 'Unrecognized name: b at [2:14]'],
    ['CREATE TABLE d.x (a DATE)\nCLUSTER BY b', 'Unrecognized name: b at [2:12]'],
    [
      'CREATE TABLE d.x (a DATE) OPTIONS (description)',
      'Syntax error: Expected "=" but got ")" at [1:47]',
    ],
    [
      'CREATE TABLE d.x (a DATE) OPTIONS (descrption = "b")',
      'Unknown option: descrption at [1:36]',
    ],
    ['CREATE VIEW d.x AS\nSELECT nope FROM d.made', 'Unrecognized name: nope at [2:8]'],
    [
      'ALTER TABLE d.made FROBNICATE total',
      'Syntax error: Unexpected identifier "FROBNICATE" at [1:20]',
    ],
    ['ALTER TABLE `local.d.made` DROP COLUMN b', 'Column not found: b at [1:40]'],
    [
      'DROP TABLE d.made junk',
      'Syntax error: Expected end of input but got identifier "junk" at [1:19]',
    ],
    ['DROP TABEL d.made', 'TABEL is not a supported object type at [1:6]'],
    [
      "CREATE TABLE d.x (a STRING NOT NULL DEFAULT 'b')",
      'Syntax error: Expected ")" or "," but got keyword DEFAULT at [1:37]',
    ],
    [
      'CREATE TABLE d.x (a STRING DEFAULT 5)',
      'Column default expression has type INT64 which cannot be assigned to column type STRING at [1:36]',
    ],
    ['CREATE TABLE d.x (a ARRAY<ARRAY<INT64>>)', 'Arrays of arrays are not supported at [1:21]'],
    [
      'TRUNCATE TABLE d.made junk',
      'Syntax error: Expected end of input but got identifier "junk" at [1:23]',
    ],
  ])(
    '%s is refused in GoogleSQL’s words with the position, in a dry run, too',
    async (query, message) => {
      const refusal = { code: 400, message: expect.stringContaining(message) }
      expect(await errorOf(run(query))).toMatchObject(refusal)
      expect(await errorOf(bigquery.client.createQueryJob({ query, dryRun: true }))).toMatchObject(
        refusal,
      )
      expect((await bigquery.client.dataset('d').table('x').exists())[0]).toBe(false)
    },
  )

  test('an option of another type than BigQuery’s is refused', async () => {
    const query = 'CREATE TABLE d.x (a DATE) OPTIONS (description = 5)'
    expect(await errorOf(run(query))).toMatchObject({
      code: 400,
      message: expect.stringMatching(/description.*STRING.* at \[1:\d+\]/),
    })
  })

  test('DEFAULT stands before NOT NULL, and the names of INT64 are the same type', async () => {
    await run('CREATE TABLE d.named (a INT DEFAULT 1 NOT NULL, b BIGINT, c INTEGER)')
    const [metadata] = await bigquery.client.dataset('d').table('named').getMetadata()
    expect(metadata.schema.fields).toMatchObject([
      { name: 'a', type: 'INTEGER', mode: 'REQUIRED', defaultValueExpression: '1' },
      { name: 'b', type: 'INTEGER' },
      { name: 'c', type: 'INTEGER' },
    ])
    expect(await rowsOf(bigquery, 'SELECT CAST("7" AS INTEGER) AS a')).toEqual([{ a: 7 }])
  })
})

describe('DML', () => {
  beforeAll(async () => {
    await run('CREATE TABLE d.stock (id INT64 NOT NULL, model STRING, n INT64)')
  })

  test('INSERT, UPDATE, DELETE and MERGE say how many rows they changed', async () => {
    expect(
      await run("INSERT d.stock (id, model, n) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)"),
    ).toMatchObject({ numDmlAffectedRows: '3' })
    expect(await run("UPDATE d.stock SET n = n + 10 WHERE model = 'a'")).toMatchObject({
      statementType: 'UPDATE',
      numDmlAffectedRows: '1',
    })
    expect(await run('DELETE FROM d.stock WHERE id = 3')).toMatchObject({ numDmlAffectedRows: '1' })
    await run(`
      MERGE d.stock AS t USING (SELECT 2 AS id, 20 AS n UNION ALL SELECT 4, 40) AS s ON t.id = s.id
      WHEN MATCHED THEN UPDATE SET n = s.n
      WHEN NOT MATCHED THEN INSERT (id, model, n) VALUES (s.id, 'new', s.n)`)
    expect(await rowsOf(bigquery, 'SELECT * FROM d.stock ORDER BY id')).toEqual([
      { id: 1, model: 'a', n: 11 },
      { id: 2, model: 'b', n: 20 },
      { id: 4, model: 'new', n: 40 },
    ])
  })

  test('a failed statement changes nothing, says why, and the next one runs', async () => {
    const query =
      "INSERT INTO stock (id, n) SELECT x, CAST(IF(x = 9, 'bad', '1') AS INT64) FROM UNNEST([8, 9]) AS x"
    const failed = bigquery.client.query({ query, defaultDataset: { datasetId: 'd' } })
    expect(await errorOf(failed)).toMatchObject({
      code: 400,
      message: expect.stringMatching(/Bad int64 value: bad/),
    })
    await run('INSERT INTO d.stock (id) VALUES (7)')
    expect(await rowsOf(bigquery, 'SELECT id FROM d.stock WHERE id > 4')).toEqual([{ id: 7 }])
  })

  test('a view takes no rows, and loses none', async () => {
    await run('CREATE VIEW d.counted_view AS SELECT ROW_NUMBER() OVER () AS n FROM d.made')
    for (const change of [
      'INSERT d.counted_view (n) VALUES (1)',
      'DELETE d.counted_view WHERE TRUE',
    ])
      expect(await errorOf(run(change))).toMatchObject({
        code: 400,
        message: expect.stringMatching(/counted_view is not allowed for this operation/),
      })
  })

  test('a REQUIRED column takes no NULL', async () => {
    expect(await errorOf(run("INSERT INTO d.stock (model) VALUES ('x')"))).toMatchObject({
      code: 400,
    })
  })

  test('a NULL array is stored as an empty one, however it is written, and stays NULL in a view', async () => {
    await run('CREATE TABLE d.arrays (id INT64, a ARRAY<INT64>)')
    await run('INSERT INTO d.arrays (id) VALUES (1)')
    await run('INSERT INTO d.arrays (id, a) VALUES (2, NULL), (3, [7])')
    await run('UPDATE d.arrays SET a = NULL WHERE id = 3')
    await run('ALTER TABLE d.arrays ADD COLUMN b ARRAY<STRING>')
    const read = 'SELECT DISTINCT ARRAY_LENGTH(a) AS a, b IS NULL AS b FROM d.arrays'
    expect(await rowsOf(bigquery, read)).toEqual([{ a: 0, b: false }])
    await run('CREATE VIEW d.arrays_view AS SELECT IF(id = 1, NULL, a) AS a FROM d.arrays')
    const count = 'SELECT COUNTIF(a IS NULL) AS n FROM d.arrays_view'
    expect(await rowsOf(bigquery, count)).toEqual([{ n: 1 }])
  })

  test('rows just streamed cannot be changed, inserted ones can', async () => {
    await createTable(bigquery, 'streamed', [{ name: 'a', type: 'INT64' }])
    await run('INSERT INTO d.streamed (a) VALUES (1)')
    await run('DELETE FROM d.streamed WHERE a = 1')
    await insertAll(bigquery, 'streamed', { rows: [{ json: { a: 2 } }] })
    for (const query of [
      'DELETE FROM d.streamed WHERE TRUE',
      'UPDATE `local.d.streamed` SET a = 1 WHERE TRUE',
      'TRUNCATE TABLE d.streamed',
    ])
      expect(await errorOf(run(query))).toMatchObject({
        code: 400,
        message: expect.stringMatching(/streaming buffer/),
      })
  })
})
