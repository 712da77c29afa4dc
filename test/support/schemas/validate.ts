// Validates objects of Kubernetes by their published schemas, as strictly as its server does: an unknown field is an error.

import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { z } from 'zod'

type Schema = { readonly [key: string]: unknown }

const schema: z.ZodType<Schema> = z.record(z.string(), z.unknown())
const kubernetes = z.object({
  kinds: z.record(z.string(), z.string()),
  definitions: z.record(z.string(), schema),
})
const customResources = z.array(z.object({ kind: z.string(), schema }))
const scalers = z.object({ parameters: z.record(z.string(), z.array(z.string())) })

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'))

/** What every scaler of KEDA takes, by its type. */
export const SCALER_PARAMETERS = scalers.parse(read('scalers')).parameters

/** What these schemas say as text, and the server of Kubernetes also takes as a number. */
const NUMBER_OR_TEXT = [
  'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
]

/** Without formats, which are of Kubernetes' own; an object with named properties has no others. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict)
  if (typeof value !== 'object' || value === null) return value
  const { format, ...others }: Schema = { ...value }
  const inner = Object.entries(others).map(([name, each]) => [name, strict(each)])
  const kept = typeof format === 'string' ? inner : [...inner, ['format', format]]
  const isClosed =
    typeof others['properties'] === 'object' &&
    others['type'] === 'object' &&
    !('additionalProperties' in others) &&
    others['x-kubernetes-preserve-unknown-fields'] !== true
  return Object.fromEntries(
    [...kept, ...(isClosed ? [['additionalProperties', false]] : [])].filter(
      ([, each]) => each !== undefined,
    ),
  )
}

function validators(): ReadonlyMap<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, allErrors: true })
  const { kinds, definitions } = kubernetes.parse(read('kubernetes'))
  const loosened = NUMBER_OR_TEXT.map((name) => [name, { type: ['number', 'string'] }])
  const all = { ...definitions, ...Object.fromEntries(loosened) }
  ajv.addSchema({ $id: 'kubernetes', definitions: strict(all) })
  const own = Object.entries(kinds).map(([kind, name]) => {
    return [kind, ajv.compile({ $ref: `kubernetes#/definitions/${name}` })] as const
  })
  const others = customResources.parse(read('custom-resources')).map((each) => {
    const compiled = z.record(z.string(), z.unknown()).parse(strict(withMetadata(each.schema)))
    return [each.kind, ajv.compile(compiled)] as const
  })
  return new Map([...own, ...others])
}

/** A custom resource has the metadata of any object, and its schema says only that there are some. */
function withMetadata(of: Schema): Schema {
  const metadata = {
    $ref: 'kubernetes#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  }
  return { ...of, properties: { ...schema.parse(of['properties']), metadata } }
}

const known = validators()
const identified = z.looseObject({ apiVersion: z.string(), kind: z.string() })

/** What is wrong with an object, with its path; empty where nothing is. */
export function problemsOf(object: unknown): string[] {
  const { apiVersion, kind } = identified.parse(object)
  const validate = known.get(`${apiVersion}/${kind}`)
  if (!validate) return [`there is no schema of ${apiVersion}/${kind}`]
  validate(object)
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath} ${message} ${JSON.stringify(params)}`
  })
}
