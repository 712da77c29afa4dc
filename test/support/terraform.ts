// Runs Terraform on a copy of its files, with the real Google provider and without Google: nothing is asked of it before an apply.

import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe } from '@jest/globals'
import { z } from 'zod'

const run = promisify(execFile)

const MODULE = 'deploy/terraform/modules/warehouse'
const INSTALLED = `${MODULE}/.terraform/providers`

/** `describe` where the Google provider is at hand: initialised in a module, or in a mirror that TF_CLI_CONFIG_FILE names. */
export async function ifProvider(): Promise<typeof describe | typeof describe.skip> {
  if (await hasProvider()) return describe
  process.stderr.write(
    `The Google provider of Terraform is not at hand, so its tests are skipped. Get it: terraform -chdir=${MODULE} init -backend=false\n`,
  )
  return describe.skip
}

async function hasProvider(): Promise<boolean> {
  if (existsSync(INSTALLED)) return run('terraform', ['version']).then(Boolean, () => false)
  if (!existsSync(process.env['TF_CLI_CONFIG_FILE'] ?? '')) return false
  const folder = mkdtempSync(join(tmpdir(), 'terraform-'))
  cpSync(join(MODULE, 'versions.tf'), join(folder, 'versions.tf'))
  const env = { ...process.env, TF_REGISTRY_DISCOVERY_RETRY: '0' }
  try {
    await run('terraform', ['init', '-backend=false', '-input=false'], { cwd: folder, env })
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What Terraform reads, by its path in the repository. */
const SOURCES = ['contracts/generated', 'deploy/prometheus/rules.yml', 'deploy/terraform']

/** A copy of one module or environment in `folder`, with further files, ready to plan. */
export async function copyTerraform(
  folder: string,
  path: string,
  files: Readonly<Record<string, string>>,
) {
  const isSource = (name: string) => !/\.terraform(\.lock\.hcl)?$|\.tfstate/.test(name)
  for (const source of SOURCES)
    cpSync(source, join(folder, source), { recursive: true, filter: isSource })
  const cwd = join(folder, path)
  mkdirSync(cwd, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  const terraform = (...args: string[]) => run('terraform', args, { cwd, maxBuffer: 64 << 20 })
  const installed = existsSync(INSTALLED) ? [`-plugin-dir=${join(process.cwd(), INSTALLED)}`] : []
  await terraform('init', '-input=false', ...installed)
  return terraform
}

type Terraform = Awaited<ReturnType<typeof copyTerraform>>

const resource = z.object({
  address: z.string(),
  type: z.string(),
  index: z.union([z.string(), z.number()]).optional(),
  values: z.record(z.string(), z.unknown()),
})
export type Resource = z.output<typeof resource>

const planned = z.object({
  resources: z.array(resource).default([]),
  get child_modules() {
    return z.array(planned).default([])
  },
})
const plan = z.object({ planned_values: z.object({ root_module: planned }) })

/** Every resource that a plan would make. */
export async function planOf(terraform: Terraform): Promise<Resource[]> {
  await terraform('plan', '-input=false', '-out=plan')
  const { stdout } = await terraform('show', '-json', 'plan')
  return resourcesOf(plan.parse(JSON.parse(stdout)).planned_values.root_module)
}

const resourcesOf = (of: z.output<typeof planned>): Resource[] => [
  ...of.resources,
  ...of.child_modules.flatMap(resourcesOf),
]
