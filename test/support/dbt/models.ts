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

/** The query of a model as it is built from nothing. */
export function renderModel(
  { file, text }: Pick<Model, 'file' | 'text'>,
  { ref, source }: Places,
): string {
  const sql = text
    .replaceAll(/\{\{ config\([^}]*(?:\}[^}]+)*\) \}\}/g, '')
    .replaceAll(/\{%-? set days = changed_days\([^%]*\) %\}/g, '')
    .replaceAll(/\{\{ in_days\('\w+', days\) \}\}/g, 'true')
    .replaceAll(
      /\{% if is_incremental\(\) %\}(?:(?!\{% (?:else|endif) %\})[^])*(?:\{% else %\}((?:(?!\{% endif %\})[^])*))?\{% endif %\}/g,
      '$1',
    )
    .replaceAll(/\{\{ ref\('(\w+)'\) \}\}/g, (_, name: string) => ref(name))
    .replaceAll(/\{\{ source\('\w+', '(\w+)'\) \}\}/g, (_, name: string) => source(name))
  const rest = /\{[{%#].*/.exec(sql)
  if (rest) throw new Error(`${file}: ${rest[0]} is not known to test/support/dbt/models.ts`)
  return sql
}

const described = z.object({
  name: z.string(),
  description: z.string(),
  config: z.object({ contract: z.object({ enforced: z.boolean() }) }).optional(),
  columns: z.array(
    z.object({ name: z.string(), data_type: z.string().optional(), description: z.string() }),
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
