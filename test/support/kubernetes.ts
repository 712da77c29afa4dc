// deploy/k8s/envs/prod as kustomize makes it, for the tests of one file.

import { execFileSync } from 'node:child_process'
import { beforeAll, describe } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { BUILD_LIMIT_MS, goTool, hasGo, NO_GO } from './go-tools/install.ts'

const named = z.object({ name: z.string() })
const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})
const probe = z.looseObject({ httpGet: z.looseObject({ path: z.string(), port: z.string() }) })
export const container = z.looseObject({
  image: z.string(),
  args: z.array(z.string()),
  envFrom: z.array(z.strictObject({ configMapRef: named.optional(), secretRef: named.optional() })),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
})
export const deployment = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().optional(),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        serviceAccountName: z.string(),
        terminationGracePeriodSeconds: z.number().default(30),
        containers: z.array(container).length(1),
      }),
    }),
  }),
})
const configMap = z.looseObject({ data: z.record(z.string(), z.string()) })
export const externalSecret = z.looseObject({
  spec: z.looseObject({
    target: named,
    data: z.array(z.object({ secretKey: z.string(), remoteRef: z.object({ key: z.string() }) })),
  }),
})
export const scaledObject = z.looseObject({
  spec: z.looseObject({
    scaleTargetRef: named,
    minReplicaCount: z.number(),
    maxReplicaCount: z.number(),
    fallback: z.object({ replicas: z.number() }),
    triggers: z.array(
      z.object({
        type: z.string(),
        metadata: z.record(z.string(), z.string()),
        authenticationRef: named,
      }),
    ),
  }),
})

export const monitored = z.looseObject({
  spec: z.looseObject({
    selector: z.strictObject({
      matchExpressions: z.array(
        z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()) }),
      ),
    }),
  }),
})
export const authentication = z.looseObject({
  spec: z.object({
    secretTargetRef: z.array(
      z.object({ parameter: z.string(), name: z.string(), key: z.string() }),
    ),
  }),
})

let objects: z.output<typeof object>[] = []

/** Every object of this kind. */
export function all(kind: string) {
  return objects.filter((each) => each.kind === kind)
}

/** @throws Error where there is none */
export function only(kind: string, name: string) {
  const found = all(kind).find(({ metadata }) => metadata.name === name)
  if (!found) throw new Error(`deploy/k8s has no ${kind} ${name}`)
  return found
}

export const podOf = (name: string) => deployment.parse(only('Deployment', name)).spec.template.spec
export const containerOf = (name: string) => container.parse(podOf(name).containers[0])

/** What a process finds in its environment; secrets have their names as values. */
export function environmentOf(name: string): Record<string, string> {
  const sources = containerOf(name).envFrom
  const settings = sources.flatMap(({ configMapRef }) =>
    configMapRef ? Object.entries(configMap.parse(only('ConfigMap', configMapRef.name)).data) : [],
  )
  const secrets = sources.flatMap(({ secretRef }) => {
    if (!secretRef) return []
    const { data } = externalSecret.parse(only('ExternalSecret', secretRef.name)).spec
    return data.map(({ secretKey, remoteRef }) => [secretKey, remoteRef.key])
  })
  return Object.fromEntries([...settings, ...secrets])
}

/** The objects, from `beforeAll` on. */
export const every = () => objects

/** A `describe` that has the objects, or is skipped and says why. */
export function withKustomize(tests: () => void): void {
  const title = `deploy/k8s/envs/prod (kustomize ${hasGo ? 'built by Go' : NO_GO})`
  ;(hasGo ? describe : describe.skip)(title, () => {
    beforeAll(async () => {
      const kustomize = await goTool('kustomize')
      const text = execFileSync(kustomize, ['build', 'deploy/k8s/envs/prod'], { encoding: 'utf8' })
      objects = parseAllDocuments(text).map((document) => object.parse(document.toJS()))
    }, BUILD_LIMIT_MS)
    tests()
  })
}
