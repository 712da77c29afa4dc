import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  createTable,
  errorOf,
  insertAll,
  rowsOf,
  type Started,
  start,
} from '../../support/local-bigquery.ts'

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
})
afterAll(() => bigquery.stop())

const table = (fields: readonly object[], rest: object = {}) => ({ schema: { fields }, ...rest })
const x = { name: 'x', type: 'STRING' }
const partitioning = (field: string) => ({ timePartitioning: { type: 'DAY', field } })

test('a dataset is made, listed, changed and deleted', async () => {
  const dataset = bigquery.client.dataset('made')
  await dataset.create({ labels: { team: 'a' } } as object)
  expect(await errorOf(dataset.create())).toMatchObject({
    code: 409,
    errors: [{ reason: 'duplicate' }],
  })
  await dataset.setMetadata({ description: 'cars' })
  expect((await dataset.getMetadata())[0]).toMatchObject({
    id: 'local:made',
    description: 'cars',
    labels: { team: 'a' },
  })
  await dataset.createTable('t', { schema: [x] })
  expect((await bigquery.client.getDatasets())[0].map(({ id }) => id)).toContain('made')
  expect(await errorOf(dataset.delete())).toMatchObject({
    code: 400,
    errors: [{ reason: 'resourceInUse' }],
  })
  await dataset.delete({ force: true })
  expect(await dataset.exists()).toEqual([false])
})

test("a dataset says who has access: by default the project's members, and roles by their old names", async () => {
  const dataset = bigquery.client.dataset('shared')
  await dataset.create()
  const [{ access }] = await dataset.getMetadata()
  expect(access).toEqual([
    { role: 'WRITER', specialGroup: 'projectWriters' },
    { role: 'OWNER', specialGroup: 'projectOwners' },
    { role: 'READER', specialGroup: 'projectReaders' },
  ])
  const given = [
    { role: 'roles/bigquery.dataEditor', userByEmail: 'worker@example.com' },
    { role: 'roles/bigquery.metadataViewer', groupByEmail: 'people@example.com' },
    { view: { projectId: 'local', datasetId: 'd', tableId: 'v' } },
  ]
  await dataset.setMetadata({ access: given })
  expect((await dataset.getMetadata())[0].access).toEqual([
    { role: 'WRITER', userByEmail: 'worker@example.com' },
    ...given.slice(1),
  ])
  await dataset.delete()
})

test('a table keeps its resource: types, modes, descriptions, layout, labels', async () => {
  const fields = [
    { name: 'id', type: 'INT64', mode: 'REQUIRED', description: 'the key' },
    { name: 'ts', type: 'TIMESTAMP', defaultValueExpression: 'CURRENT_TIMESTAMP()' },
  ]
  const rest = {
    ...partitioning('ts'),
    clustering: { fields: ['id'] },
    description: 'orders',
    labels: { a: 'b' },
  }
  const made = await createTable(bigquery, 'kept', fields, rest)
  const [metadata] = await made.getMetadata()
  expect(metadata).toMatchObject({ ...rest, type: 'TABLE', id: 'local:d.kept', numRows: '0' })
  expect(metadata.schema.fields).toEqual([
    { ...fields[0], type: 'INTEGER' },
    { ...fields[1], mode: 'NULLABLE' },
  ])
  const [tables] = await bigquery.client.dataset('d').getTables()
  expect(tables.map(({ id }) => id)).toContain('kept')
})

test.each<[string, object, number, RegExp]>([
  [
    'there already',
    table([x], { tableReference: { tableId: 'twice' } }),
    409,
    /Already Exists: Table local:d\.twice/,
  ],
  [
    'with a name BigQuery refuses',
    table([x], { tableReference: { tableId: 'a.b' } }),
    400,
    /Invalid table ID/,
  ],
  [
    'with a column name BigQuery refuses',
    table([{ name: '_CHANGE_TYPE', type: 'STRING' }]),
    400,
    /Invalid field name/,
  ],
  [
    'with a column twice',
    table([x, { name: 'X', type: 'STRING' }]),
    400,
    /already exists in schema/,
  ],
  ['with an unknown type', table([{ name: 'g', type: 'GEOGRAPHY' }]), 501, /GEOGRAPHY/],
  ['with an unknown mode', table([{ ...x, mode: 'OPTIONAL' }]), 400, /mode/],
  ['with a type parameter', table([{ ...x, maxLength: '5' }]), 501, /maxLength/],
  ['with an empty RECORD', table([{ name: 'r', type: 'RECORD' }]), 400, /no schema/],
  [
    'with a wrong default',
    table([{ ...x, type: 'INT64', defaultValueExpression: "'a'" }]),
    400,
    /default value/,
  ],
  ['partitioned by a missing column', table([x], partitioning('y')), 400, /cannot be found/],
  ['partitioned by a STRING', table([x], partitioning('x')), 400, /TIMESTAMP, DATE or DATETIME/],
  [
    'partitioned by ingestion time',
    table([x], { timePartitioning: { type: 'DAY' } }),
    501,
    /ingestion-time/,
  ],
  [
    'that requires a partition filter',
    table([x], { requirePartitionFilter: true }),
    501,
    /requirePartitionFilter/,
  ],
  [
    'with a malformed schema',
    { schema: { fields: [{ name: 'x' }] } },
    400,
    /schema\.fields\.0\.type/,
  ],
  ['as a view of legacy SQL', { view: { query: 'SELECT 1' } }, 501, /legacy SQL/],
  [
    'as a view of a missing table',
    { view: { query: 'SELECT * FROM d.nope', useLegacySql: false } },
    404,
    /nope/,
  ],
])('a table %s is refused', async (_case, body, code, message) => {
  if (!(await bigquery.client.dataset('d').exists())[0]) await bigquery.client.createDataset('d')
  await bigquery.call(
    'POST',
    '/datasets/d/tables',
    table([x], { tableReference: { tableId: 'twice' } }),
  )
  const sent = { tableReference: { tableId: 'refused' }, ...body }
  const { answer } = await bigquery.call('POST', '/datasets/d/tables', sent)
  expect(answer.error).toMatchObject({ code, message: expect.stringMatching(message) })
})

const id = { name: 'id', type: 'INTEGER', mode: 'REQUIRED' }
test.each<[string, readonly object[], number, RegExp]>([
  ['drops a column', [id], 400, /Field n is missing in new schema/],
  [
    'retypes a column',
    [id, { name: 'n', type: 'STRING' }],
    400,
    /Field n has changed type from INTEGER to STRING/,
  ],
  [
    'makes a column REQUIRED',
    [id, { name: 'n', type: 'INTEGER', mode: 'REQUIRED' }],
    400,
    /Field n has changed mode/,
  ],
  [
    'adds a REQUIRED column',
    [id, { name: 'n', type: 'INTEGER' }, { ...id, name: 'm' }],
    400,
    /Cannot add required fields/,
  ],
])('a patch that %s is refused', async (_case, fields, code, message) => {
  const made = bigquery.client.dataset('d').table('patched')
  if (!(await made.exists())[0])
    await createTable(bigquery, 'patched', [id, { name: 'n', type: 'INTEGER' }])
  const { answer } = await bigquery.call('PATCH', '/datasets/d/tables/patched', {
    schema: { fields },
  })
  expect(answer.error).toMatchObject({ code, message: expect.stringMatching(message) })
})

test('a patch adds and relaxes columns, keeps the rest, and gives a new etag', async () => {
  const made = await createTable(bigquery, 'evolved', [id], { description: 'before' })
  const [before] = await made.getMetadata()
  const added = { name: 'tags', type: 'STRING', mode: 'REPEATED' }
  const fields = [{ ...id, mode: 'NULLABLE' }, added]
  await made.setMetadata({ schema: { fields } })
  const [after] = await made.getMetadata()
  expect(after).toMatchObject({ description: 'before', schema: { fields } })
  expect(after.etag).not.toBe(before.etag)
  await insertAll(bigquery, 'evolved', { rows: [{ json: { tags: ['a'] } }] })
  expect(await rowsOf(bigquery, 'SELECT * FROM d.evolved')).toEqual([{ id: null, tags: ['a'] }])
})

test('a patch with an outdated etag is 412', async () => {
  await createTable(bigquery, 'tagged', [x])
  const response = await fetch(`${bigquery.url}/projects/local/datasets/d/tables/tagged`, {
    method: 'PATCH',
    headers: { 'if-match': 'outdated' },
    body: JSON.stringify({ description: 'y' }),
  })
  expect(response.status).toBe(412)
})

test('a view expands * when it is read, so that it shows a column its table gained', async () => {
  const made = await createTable(bigquery, 'base', [x, { name: 'n', type: 'INT64' }])
  const query =
    'SELECT * FROM d.base WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY x ORDER BY n) = 1'
  await bigquery.client.dataset('d').createTable('first', { view: { query, useLegacySql: false } })
  const rows = [{ json: { x: 'a', n: 2 } }, { json: { x: 'a', n: 1 } }, { json: { x: 'b', n: 3 } }]
  await insertAll(bigquery, 'base', { rows })
  expect(await rowsOf(bigquery, 'SELECT * FROM `local.d.first` ORDER BY x')).toEqual([
    { x: 'a', n: 1 },
    { x: 'b', n: 3 },
  ])
  await made.setMetadata({
    schema: { fields: [x, { name: 'n', type: 'INT64' }, { name: 'late', type: 'JSON' }] },
  })
  const [row] = await rowsOf(bigquery, 'SELECT * FROM d.first LIMIT 1')
  expect(Object.keys(row ?? {})).toEqual(['x', 'n', 'late'])
  const view = bigquery.client.dataset('d').table('first')
  expect(await errorOf(view.insert([{ x: 'y' }]))).toMatchObject({ code: 400 })
  await view.setMetadata({ view: { query: 'SELECT x FROM d.base', useLegacySql: false } })
  expect((await view.getMetadata())[0].schema.fields).toHaveLength(1)
})

test('a deleted table is gone, and its name free again', async () => {
  const made = await createTable(bigquery, 'gone', [x])
  await insertAll(bigquery, 'gone', { rows: [{ insertId: '1', json: {} }] })
  await made.delete()
  expect(await errorOf(made.getMetadata())).toMatchObject({
    code: 404,
    message: 'Not found: Table local:d.gone',
    errors: [{ reason: 'notFound' }],
  })
  const again = async () => {
    await createTable(bigquery, 'gone', [x])
    await insertAll(bigquery, 'gone', { rows: [{ insertId: '1', json: {} }] })
    return rowsOf(bigquery, 'SELECT * FROM d.gone')
  }
  expect(await again()).toHaveLength(1)
  await bigquery.client.dataset('d').delete({ force: true })
  expect(await again()).toHaveLength(1)
})

test('a table in no dataset, another project and an unknown method are 404', async () => {
  expect((await bigquery.call('GET', '/datasets/none/tables/t')).answer.error.message).toBe(
    'Not found: Dataset local:none',
  )
  expect((await fetch(`${bigquery.url}/bigquery/v2/projects/other/datasets`)).status).toBe(404)
  expect((await bigquery.call('GET', '/models')).code).toBe(404)
})
