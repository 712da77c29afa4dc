// deploy/k8s as kustomize makes it: valid by the published schemas, and true about the processes that it starts.

import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { activationQueue } from '#contracts'
import { bridgeConfig, codecServerConfig, readConfig, workerConfig } from '#runtime/config'
import {
  all,
  authentication,
  containerOf,
  deployment,
  environmentOf,
  every,
  externalSecret,
  monitored,
  only,
  podOf,
  scaledObject,
  withKustomize,
} from '../../support/kubernetes.ts'
import { problemsOf, SCALER_PARAMETERS } from '../../support/schemas/validate.ts'

const CONFIGS = { bridge: bridgeConfig, worker: workerConfig, 'codec-server': codecServerConfig }
/** Read by Temporal's own configuration loader. */
const TEMPORAL_VARIABLES = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY']

const PROCESSES = ['bridge', 'worker', 'codec-server'] as const
const SCALED = ['bridge', 'worker'] as const

withKustomize(() => {
  test('is valid by the published schemas, without an unknown field', () => {
    const problems = every().map(({ kind, metadata, ...rest }) => {
      return [`${kind} ${metadata.name}`, problemsOf({ kind, metadata, ...rest })]
    })
    expect(problems.length).toBeGreaterThan(20)
    expect(problems.filter(([, found]) => found?.length !== 0)).toEqual([])
  })

  test('stands in one namespace, which refuses privileges', () => {
    const [namespace, ...others] = all('Namespace')
    expect(others).toEqual([])
    expect(namespace?.metadata).toMatchObject({
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    })
    const elsewhere = every().filter(
      ({ kind, metadata }) =>
        kind !== 'Namespace' && metadata.namespace !== namespace?.metadata.name,
    )
    expect(elsewhere).toEqual([])
  })

  test.each(PROCESSES)('%s: every variable is one that it reads, and it can start', (name) => {
    const environment = environmentOf(name)
    const known = [...Object.keys(CONFIGS[name].shape), ...TEMPORAL_VARIABLES]
    expect(known).toEqual(expect.arrayContaining(Object.keys(environment)))
    const key = { PAYLOAD_KEYS: 'k:YSBsb2NhbCBrZXksIGV2ZXJ5Ym9keSBrbm93cyBpdC4=' }
    expect(() => readConfig(CONFIGS[name], { ...environment, ...key })).not.toThrow()
    expect(environment).toHaveProperty('PAYLOAD_KEYS')
  })

  test.each(PROCESSES)('%s: runs a file that there is, of one image', (name) => {
    const { args, image } = containerOf(name)
    expect(args).toHaveLength(1)
    expect(existsSync(args[0] ?? '')).toBe(true)
    expect(image).toMatch(/\/pipeline:v\d+\.\d+\.\d+$/)
  })

  test.each(PROCESSES)('%s: can change nothing of its image, and gain no privilege', (name) => {
    expect(podOf(name)).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(containerOf(name)).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      resources: { limits: { memory: expect.any(String) } },
    })
  })

  test.each(PROCESSES)('%s: acts as its own account of Google Cloud', (name) => {
    expect(podOf(name).serviceAccountName).toBe(name)
    const project = environmentOf('bridge')['GOOGLE_CLOUD_PROJECT']
    expect(only('ServiceAccount', name).metadata).toMatchObject({
      annotations: {
        'iam.gke.io/gcp-service-account': `cars-sales-prod-${name}@${project}.iam.gserviceaccount.com`,
      },
    })
    expect(only('SecretStore', name)).toMatchObject({
      spec: {
        provider: {
          gcpsm: {
            projectID: project,
            auth: { workloadIdentity: { serviceAccountRef: { name } } },
          },
        },
      },
    })
  })

  test.each(SCALED)('%s: its probes and metrics are at the ports that it opens', (name) => {
    const { HEALTH_PORT, METRICS_ADDRESS } = environmentOf(name)
    const { ports, startupProbe, readinessProbe, ...rest } = containerOf(name)
    const at = Object.fromEntries(ports.map((port) => [port.name, String(port.containerPort)]))
    expect(at).toEqual({ health: HEALTH_PORT, metrics: METRICS_ADDRESS?.split(':')[1] })
    expect(startupProbe?.httpGet).toEqual({ path: '/livez', port: 'health' })
    expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'health' })
    expect(rest).toMatchObject({ livenessProbe: { httpGet: { path: '/livez', port: 'health' } } })
  })

  test.each(SCALED)('%s: is given the time that it needs to end', (name) => {
    const { WORKER_SHUTDOWN_GRACE_SECONDS: grace = '30' } = environmentOf(name)
    expect(podOf(name).terminationGracePeriodSeconds).toBeGreaterThan(Number(grace))
  })

  test.each(SCALED)(
    '%s: its metrics are scraped, and nodes are drained one of it at a time',
    (name) => {
      const monitoring = { spec: { endpoints: [{ port: 'metrics' }] } }
      expect(only('PodMonitoring', 'processes')).toMatchObject(monitoring)
      const labels = deployment.parse(only('Deployment', name)).spec.template.metadata.labels
      const { selector } = monitored.parse(only('PodMonitoring', 'processes')).spec
      for (const { key, operator, values } of selector.matchExpressions) {
        expect(operator).toBe('In')
        expect(values).toContain(labels[key])
      }
      expect(only('PodDisruptionBudget', name)).toMatchObject({ spec: { maxUnavailable: 1 } })
      expect(labels).toMatchObject(selectorOf(only('PodDisruptionBudget', name)))
    },
  )

  test.each(SCALED)('%s: KEDA alone sets how many there are, two at least', (name) => {
    const { scaleTargetRef, minReplicaCount, maxReplicaCount, fallback, triggers } =
      scaledObject.parse(only('ScaledObject', name)).spec
    expect(scaleTargetRef.name).toBe(name)
    expect(minReplicaCount).toBeGreaterThanOrEqual(2)
    expect(maxReplicaCount).toBeGreaterThan(minReplicaCount)
    expect(fallback.replicas).toBeGreaterThanOrEqual(minReplicaCount)
    expect(fallback.replicas).toBeLessThanOrEqual(maxReplicaCount)
    expect(deployment.parse(only('Deployment', name)).spec.replicas).toBeUndefined()
    for (const { type, metadata, authenticationRef } of triggers) {
      expect(SCALER_PARAMETERS[type]).toEqual(expect.arrayContaining(Object.keys(metadata)))
      only('TriggerAuthentication', authenticationRef.name)
    }
  })

  test('workers are counted by what waits in both task queues of their Temporal', () => {
    const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, ...rest } = environmentOf('worker')
    const { TEMPORAL_TASK_QUEUE: queue, WORKER_MAX_ACTIVITIES: atOnce } = readConfig(workerConfig, {
      ...rest,
      PAYLOAD_KEYS: '',
    })
    const { triggers } = scaledObject.parse(only('ScaledObject', 'worker')).spec
    const from = { endpoint: TEMPORAL_ADDRESS, namespace: TEMPORAL_NAMESPACE }
    expect(triggers.map(({ metadata }) => metadata)).toMatchObject([
      {
        ...from,
        taskQueue: queue,
        queueTypes: 'workflow,activity',
        targetQueueSize: String(atOnce),
      },
      {
        ...from,
        taskQueue: activationQueue(queue),
        queueTypes: 'activity',
        targetQueueSize: String(3 * atOnce),
      },
    ])
    const { secretTargetRef } = authentication.parse(only('TriggerAuthentication', 'temporal')).spec
    for (const { name, key } of secretTargetRef) {
      const { data, target } = externalSecret.parse(only('ExternalSecret', name)).spec
      expect(target.name).toBe(name)
      expect(data.map(({ secretKey }) => secretKey)).toContain(key)
    }
  })

  test('bridges are counted by how long messages of their subscription wait', () => {
    const { GOOGLE_CLOUD_PROJECT, PUBSUB_SUBSCRIPTION } = environmentOf('bridge')
    const [trigger] = scaledObject.parse(only('ScaledObject', 'bridge')).spec.triggers
    // One more bridge for each minute that the oldest message waits.
    expect(trigger?.metadata['threshold']).toBe('60')
    expect(trigger?.metadata['serverAddress']).toContain(`/projects/${GOOGLE_CLOUD_PROJECT}/`)
    expect(trigger?.metadata['query']).toContain(`subscription_id="${PUBSUB_SUBSCRIPTION}"`)
  })
})

function selectorOf(budget: unknown): Record<string, string> {
  const shape = z.looseObject({
    spec: z.looseObject({ selector: z.object({ matchLabels: z.record(z.string(), z.string()) }) }),
  })
  return shape.parse(budget).spec.selector.matchLabels
}
