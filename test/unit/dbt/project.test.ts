// What the dbt project says of itself is true: every model is described, tested and contracted, and nothing personal is in it.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { TABLES, VIEWS } from '#contracts'
import { isPersonal } from '#contracts/event/personal-data'
import {
  modelsInOrder,
  readProperties,
  refsIn,
  renderModel,
  sourcesIn,
} from '../../support/dbt/models.ts'

const MODELS = modelsInOrder()
const { models: described, unitTests, exposures } = readProperties()
const namesOf = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)
const marts = MODELS.filter(({ file }) => file.includes('/marts/'))

test('every model is described, and every description is of a model', () => {
  expect(namesOf(described).toSorted()).toEqual(namesOf(MODELS).toSorted())
})

test.each(described)('$name describes each of its columns', ({ columns }) => {
  expect(columns.length).toBeGreaterThan(3)
  expect(columns.filter(({ description }) => description.length < 5)).toEqual([])
})

test('the marts are the five that analysts are promised, and are incremental', () => {
  expect(namesOf(marts)).toEqual(
    expect.arrayContaining([
      'purchases',
      'cancellations',
      'orders',
      'daily_conversions',
      'partner_quality',
    ]),
  )
  for (const { text } of marts) expect(text).toContain("materialized='incremental'")
})

test('every model after staging has a contract with a type for each column', () => {
  const project = readFileSync('dbt/dbt_project.yml', 'utf8')
  expect(project.match(/contract: \{ enforced: true \}/g)).toHaveLength(2)
  const later = described.filter(({ name }) => !name.startsWith('stg_'))
  expect(later.length).toBe(MODELS.length - 3)
  for (const { columns } of later)
    expect(columns.filter(({ data_type }) => data_type === undefined)).toEqual([])
})

test('no column says who a customer is', () => {
  const columns = described.flatMap((model) => namesOf(model.columns))
  expect(columns.filter((name) => isPersonal(name))).toEqual([])
  const personal = TABLES.flatMap((table) => namesOf(table.columns)).filter(isPersonal)
  expect(personal).toEqual(expect.arrayContaining(['email', 'phone', 'customer_id', 'vehicle_vin']))
})

test('the sources that models read are tables and views of the contracts', () => {
  const known = [...TABLES, ...VIEWS].map(({ name }) => `streaming.${name}`)
  const read = MODELS.flatMap(({ text }) => sourcesIn(text))
  expect(read.length).toBeGreaterThan(5)
  expect(read.filter((source) => !known.includes(source))).toEqual([])
})

test('only staging reads rows of a source, and every row is renamed there', () => {
  const readers = MODELS.filter(({ text }) => /from \{\{ source/.test(text))
  expect(namesOf(readers).every((name) => name.startsWith('stg_'))).toBe(true)
})

test('exposures depend on models, and unit tests are of models', () => {
  const names = namesOf(MODELS)
  const needed = exposures.flatMap((one) =>
    one.depends_on.flatMap((ref) => /^ref\('(\w+)'\)$/.exec(ref)?.[1] ?? ref),
  )
  expect(needed.length).toBeGreaterThan(3)
  expect(
    [...needed, ...unitTests.map(({ model }) => model)].filter((name) => !names.includes(name)),
  ).toEqual([])
})

test.each(MODELS)('$name is rendered without dbt, for the tests that do without it', (model) => {
  const sql = renderModel(model, {
    ref: (name) => `curated.${name}`,
    source: (name) => `streaming.${name}`,
  })
  expect(sql).toMatch(/select/i)
  expect(refsIn(sql)).toEqual([])
})
