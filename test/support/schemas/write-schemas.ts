// Writes the schemas beside it from the published Go modules of Kubernetes and of the operators that deploy/k8s addresses. Run it
// with `node --import tsx/esm` after a change of a version below.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

const KUBERNETES = 'k8s.io/kubernetes@v1.35.4'
const KEDA = 'github.com/kedacore/keda/v2@v2.21.0'
const EXTERNAL_SECRETS = 'github.com/external-secrets/external-secrets@v1.3.2'
const PROMETHEUS_ENGINE = 'github.com/GoogleCloudPlatform/prometheus-engine@v0.17.2'

/** The kinds of Kubernetes itself that deploy/k8s has, by apiVersion and kind. */
const KINDS = {
  'v1/Namespace': 'io.k8s.api.core.v1.Namespace',
  'v1/ServiceAccount': 'io.k8s.api.core.v1.ServiceAccount',
  'v1/ConfigMap': 'io.k8s.api.core.v1.ConfigMap',
  'apps/v1/Deployment': 'io.k8s.api.apps.v1.Deployment',
  'policy/v1/PodDisruptionBudget': 'io.k8s.api.policy.v1.PodDisruptionBudget',
}

const RESOURCES = [
  [KEDA, 'config/crd/bases/keda.sh_scaledobjects.yaml'],
  [KEDA, 'config/crd/bases/keda.sh_triggerauthentications.yaml'],
  [EXTERNAL_SECRETS, 'config/crds/bases/external-secrets.io_externalsecrets.yaml'],
  [EXTERNAL_SECRETS, 'config/crds/bases/external-secrets.io_secretstores.yaml'],
  [PROMETHEUS_ENGINE, 'charts/operator/crds/monitoring.googleapis.com_podmonitorings.yaml'],
] as const

/** The scalers of KEDA that deploy/k8s uses: the definition of a ScaledObject says nothing of their parameters. */
const SCALERS = ['prometheus', 'temporal']

type Schema = { readonly [key: string]: unknown }

const schema: z.ZodType<Schema> = z.record(z.string(), z.unknown())
const definitions = z.object({ definitions: z.record(z.string(), schema) })
const customResource = z.object({
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(
      z.object({
        name: z.string(),
        served: z.boolean(),
        schema: z.object({ openAPIV3Schema: schema }),
      }),
    ),
  }),
})
const scalers = z.object({
  scalers: z.array(
    z.object({ type: z.string(), parameters: z.array(z.object({ name: z.string() })) }),
  ),
})

const folders = new Map<string, string>()

function moduleFile(module: string, file: string): string {
  const downloaded = z.object({ Dir: z.string() })
  const download = () => {
    const text = execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8' })
    return downloaded.parse(JSON.parse(text)).Dir
  }
  const folder = folders.get(module) ?? download()
  folders.set(module, folder)
  return readFileSync(join(folder, file), 'utf8')
}

/** Without its texts for people, which are most of a schema. */
function withoutTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTexts)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([name, each]) => name !== 'description' || typeof each !== 'string',
  )
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutTexts(each)]))
}

function kubernetesSchemas() {
  const text = moduleFile(KUBERNETES, 'api/openapi-spec/swagger.json')
  const all = definitions.parse(JSON.parse(text)).definitions
  const needed = new Map<string, unknown>()
  const visit = (name: string): void => {
    if (needed.has(name)) return
    const found = withoutTexts(all[name])
    needed.set(name, found)
    for (const [, other = ''] of JSON.stringify(found).matchAll(/#\/definitions\/([\w.-]+)/g))
      visit(other)
  }
  for (const name of Object.values(KINDS)) visit(name)
  return { source: KUBERNETES, kinds: KINDS, definitions: Object.fromEntries(needed) }
}

function customResourceSchemas() {
  return RESOURCES.flatMap(([source, file]) => {
    const { group, names, versions } = customResource.parse(parse(moduleFile(source, file))).spec
    return versions
      .filter(({ served }) => served)
      .map(({ name, schema: { openAPIV3Schema } }) => ({
        source,
        kind: `${group}/${name}/${names.kind}`,
        schema: withoutTexts(openAPIV3Schema),
      }))
  })
}

function scalerParameters() {
  const text = moduleFile(KEDA, 'schema/generated/scalers-schema.json')
  const known = scalers.parse(JSON.parse(text)).scalers
  const used = known.filter(({ type }) => SCALERS.includes(type))
  const parameters = used.map(({ type, parameters: of }) => [type, of.map(({ name }) => name)])
  return { source: KEDA, parameters: Object.fromEntries(parameters) }
}

function write(name: string, contents: unknown): void {
  const file = fileURLToPath(new URL(`${name}.json`, import.meta.url))
  writeFileSync(file, `${JSON.stringify(contents)}\n`)
}

write('kubernetes', kubernetesSchemas())
write('custom-resources', customResourceSchemas())
write('scalers', scalerParameters())
