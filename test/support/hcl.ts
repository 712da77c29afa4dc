// Reads Terraform's files as JSON, by HashiCorp's own parser: values are values, and expressions the text `${…}`.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import hcl from '@cdktn/hcl2json'
import { z } from 'zod'

const block = z.record(z.string(), z.unknown())
const blocks = z.array(block)
const variable = z.array(
  z.looseObject({ description: z.string().optional(), validation: blocks.default([]) }),
)
const run = z.array(z.looseObject({ expect_failures: z.array(z.string()).default([]) }))

const file = z.looseObject({
  locals: blocks.default([]),
  module: z.record(z.string(), blocks).default({}),
  output: z.record(z.string(), blocks).default({}),
  resource: z.record(z.string(), z.record(z.string(), blocks)).default({}),
  terraform: blocks.default([]),
  variable: z.record(z.string(), variable).default({}),
  run: z.record(z.string(), run).default({}),
})
export type HclFile = z.output<typeof file>

const FOLDER = 'deploy/terraform'

/** The modules and the environments, by their paths in deploy/terraform. */
export const folders = ['modules', 'envs'].flatMap((kind) =>
  readdirSync(join(FOLDER, kind)).map((name) => `${kind}/${name}`),
)

/** Every file of a folder of deploy/terraform whose name ends so. */
export async function readHcl(folder: string, ending: string): Promise<HclFile[]> {
  const names = readdirSync(join(FOLDER, folder)).filter((name) => name.endsWith(ending))
  return Promise.all(
    names.map(async (name) => {
      const text = readFileSync(join(FOLDER, folder, name), 'utf8')
      return file.parse(await hcl.parse(name, text))
    }),
  )
}

/** The local values of a module. */
export async function localsOf(folder: string): Promise<Record<string, unknown>> {
  const files = await readHcl(folder, '.tf')
  return Object.assign({}, ...files.flatMap(({ locals }) => locals))
}

/** The one block of a resource of a module. */
export async function resourceOf(folder: string, type: string, name: string) {
  const files = await readHcl(folder, '.tf')
  const [found] = files.flatMap(({ resource }) => resource[type]?.[name] ?? [])
  if (!found) throw new Error(`${folder} has no resource ${type}.${name}`)
  return found
}
