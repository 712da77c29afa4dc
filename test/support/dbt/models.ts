// The models of dbt/ without dbt: what a build from nothing runs, for machines where dbt is not installed. Of Jinja it knows what
// the models use, and refuses the rest by its text.

import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const MODELS = 'dbt/models'

export type Model = { readonly name: string; readonly file: string; readonly text: string }

const filesIn = (ending: string) =>
  readdirSync(MODELS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(MODELS, file))
    .toSorted()

/** Every model, each after those that it refers to. */
export function modelsInOrder(): readonly Model[] {
  const open = filesIn('.sql').map((file) => ({
    name: basename(file, '.sql'),
    file,
    text: readFileSync(file, 'utf8'),
  }))
  const ordered: Model[] = []
  while (ordered.length < open.length) {
    const built = new Set(ordered.map(({ name }) => name))
    const next = open.find(
      ({ name, text }) => !built.has(name) && refsIn(text).every((ref) => built.has(ref)),
    )
    if (!next)
      throw new Error('The models refer to each other in a circle, or to none that is there.')
    ordered.push(next)
  }
  return ordered
}

/** The models that a text refers to. */
export const refsIn = (text: string): string[] =>
  Array.from(text.matchAll(/\{\{ ref\('(\w+)'\) \}\}/g), ([, name = '']) => name)

/** The sources that a text reads, as `dataset.table`. */
export const sourcesIn = (text: string): string[] =>
  Array.from(
    text.matchAll(/source\('(\w+)', '(\w+)'\)/g),
    ([, dataset, table]) => `${dataset}.${table}`,
  )

/** Where models and sources are read from. */
export type Places = {
  readonly ref: (model: string) => string
  readonly source: (table: string) => string
}

/** A table that was built before, to which a run adds what is new. */
export type Built = {
  readonly table: string
  /** The publish days that are read again, such as 2026-11-20. */
  readonly days: readonly string[]
}

/** The query of a model as it is built from nothing, or as a later run makes it. */
export function renderModel(
  { file, text }: Pick<Model, 'file' | 'text'>,
  { ref, source }: Places,
  built?: Built,
): string {
  const inDays = (column: string) =>
    built ? `date(${column}) in (${built.days.map((day) => `date '${day}'`).join(', ')})` : 'true'
  const sql = text
    .replaceAll(/\{\{ config\([^}]*(?:\}[^}]+)*\) \}\}/g, '')
    .replaceAll(/\{%-? set days = changed_days\([^%]*\) %\}/g, '')
    .replaceAll(/\{\{ in_days\('(\w+)', days\) \}\}/g, (_, column: string) => inDays(column))
    .replaceAll(
      /\{% if is_incremental\(\) %\}((?:(?!\{% (?:else|endif) %\})[^])*)(?:\{% else %\}((?:(?!\{% endif %\})[^])*))?\{% endif %\}/g,
      built ? '$1' : '$2',
    )
    .replaceAll('{{ this }}', built?.table ?? '')
    .replaceAll(/\{\{ ref\('(\w+)'\) \}\}/g, (_, name: string) => ref(name))
    .replaceAll(/\{\{ source\('\w+', '(\w+)'\) \}\}/g, (_, name: string) => source(name))
  const rest = /\{[{%#].*/.exec(sql)
  if (rest) throw new Error(`${file}: ${rest[0]} is not known to test/support/dbt/models.ts`)
  return sql
}

/** How a table is kept up by later runs. */
export type Upkeep = {
  readonly strategy: 'merge' | 'insert_overwrite'
  /** What a row is known by; empty where whole partitions are replaced. */
  readonly uniqueKey: readonly string[]
  readonly partition: string
}

/** Undefined for a view. */
export function upkeepOf({ text }: Pick<Model, 'text'>): Upkeep | undefined {
  const [, strategy] = /incremental_strategy='(\w+)'/.exec(text) ?? []
  if (strategy !== 'merge' && strategy !== 'insert_overwrite') return undefined
  const [, key = ''] = /unique_key=\[([^\]]*)\]/.exec(text) ?? []
  const [, partition = ''] = /partition_by=\{'field': '(\w+)'/.exec(text) ?? []
  return { strategy, uniqueKey: Array.from(key.matchAll(/\w+/g), String), partition }
}

/** The query by which a run finds the publish days that it reads again. */
export function changedDaysQuery(tables: readonly string[], own: string): string {
  const macro = readFileSync('dbt/macros/changed_days.sql', 'utf8')
  const [, query = ''] = /\{% set query %\}([^]*?)\{% endset %\}/.exec(macro) ?? []
  const { vars } = z
    .object({ vars: z.record(z.string(), z.number()) })
    .parse(parse(readFileSync('dbt/dbt_project.yml', 'utf8')))
  const sql = query
    .replace(/\{% for table in tables %\}([^]*?)\{% endfor %\}/, (_, each: string) =>
      tables
        .map((table, i) =>
          each
            .replace('{{ table }}', table)
            .replace(
              /\{% if not loop\.last %\}(.*?)\{% endif %\}/,
              i < tables.length - 1 ? '$1' : '',
            ),
        )
        .join(''),
    )
    .replaceAll(/\{\{ var\('(\w+)'\) \}\}/g, (_, name: string) => String(vars[name]))
    .replaceAll('{{ this }}', own)
  const rest = /\{[{%#].*/.exec(sql)
  if (rest) throw new Error(`${rest[0]} is not known to test/support/dbt/models.ts`)
  return sql
}

/** The tables by whose rows a model finds the days that it reads again. */
export const changeSourcesOf = ({ text }: Pick<Model, 'text'>): string[] =>
  sourcesIn(/changed_days\(\[([^\]]*)\]/.exec(text)?.[1] ?? '').map(
    (name) => name.split('.')[1] ?? '',
  )

/** A test of dbt: its name alone, or with what it is told. */
const dataTest = z.union([
  z.string().transform((name) => ({ name, values: [], columns: [] })),
  z
    .record(
      z.string(),
      z.object({
        arguments: z.looseObject({
          values: z.array(z.string()).default([]),
          columns: z.array(z.string()).default([]),
        }),
      }),
    )
    .transform((named) => {
      const [[name, told] = ['', undefined]] = Object.entries(named)
      return { name, values: told?.arguments.values ?? [], columns: told?.arguments.columns ?? [] }
    }),
])
const dataTests = z.array(dataTest).default([])

const described = z.object({
  name: z.string(),
  description: z.string(),
  data_tests: dataTests,
  config: z.object({ contract: z.object({ enforced: z.boolean() }) }).optional(),
  columns: z.array(
    z.object({
      name: z.string(),
      data_type: z.string().optional(),
      description: z.string(),
      data_tests: dataTests,
    }),
  ),
})

const properties = z.object({
  models: z.array(described).default([]),
  unit_tests: z.array(z.object({ model: z.string() })).default([]),
  exposures: z.array(z.object({ name: z.string(), depends_on: z.array(z.string()) })).default([]),
})

/** What the YAML files say of models, unit tests and exposures. */
export function readProperties() {
  const files = filesIn('.yml').map((file) => properties.parse(parse(readFileSync(file, 'utf8'))))
  return {
    models: files.flatMap(({ models }) => models),
    unitTests: files.flatMap(({ unit_tests }) => unit_tests),
    exposures: files.flatMap(({ exposures }) => exposures),
  }
}
