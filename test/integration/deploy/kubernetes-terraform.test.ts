// deploy/k8s/envs/prod, held against what Terraform makes for it.

import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { TOPICS } from '#contracts'
import { localsOf, readHcl } from '../../support/hcl.ts'
import {
  all,
  containerOf,
  environmentOf,
  externalSecret,
  only,
  withKustomize,
} from '../../support/kubernetes.ts'

const PROCESSES = ['bridge', 'worker', 'codec-server'] as const
const SCALED = ['bridge', 'worker'] as const

const secret = z.object({ variable: z.string().nullable(), readers: z.array(z.string()) })
const terraformSecrets = z.object({
  pipeline_secrets: z.record(z.string(), secret),
  temporal_secrets: z.object({ api_key: z.record(z.string(), secret) }),
})

withKustomize(() => {
  test('topics and subscriptions have the names that Terraform gives them', () => {
    const environment = environmentOf('bridge')
    const prefix = `cars-sales-${environment['GOOGLE_CLOUD_PROJECT']}-prod`
    expect(environment).toMatchObject({
      PUBSUB_TOPIC: `${prefix}-${TOPICS.events.name}`,
      PUBSUB_SUBSCRIPTION: `${prefix}-${TOPICS.events.subscription}`,
      PUBSUB_RETRY_TOPIC: `${prefix}-${TOPICS.retries.name}`,
      PUBSUB_RETRY_SUBSCRIPTION: `${prefix}-${TOPICS.retries.subscription}`,
      PUBSUB_DEAD_LETTER_TOPIC: `${prefix}-${TOPICS.dead_letters.name}`,
    })
  })

  test('the tables are where Terraform makes them', async () => {
    const files = await readHcl('modules/pipeline', 'variables.tf')
    const [location] = files.flatMap(({ variable }) => variable['bigquery_location'] ?? [])
    expect(environmentOf('worker')['BIGQUERY_LOCATION']).toBe(location?.['default'])
  })

  test.each(PROCESSES)('%s: its secrets are those that Terraform lets it read', async (name) => {
    const { pipeline_secrets, temporal_secrets } = terraformSecrets.parse(
      await localsOf('modules/workers'),
    )
    const prefix = `cars-sales-${environmentOf('bridge')['GOOGLE_CLOUD_PROJECT']}-prod`
    const readable = Object.entries({ ...pipeline_secrets, ...temporal_secrets.api_key }).flatMap(
      ([key, { variable, readers }]) =>
        readers.includes(name) ? [`${variable}=${prefix}-${key}`] : [],
    )
    const { data } = externalSecret.parse(only('ExternalSecret', name)).spec
    const read = data.map(({ secretKey, remoteRef }) => `${secretKey}=${remoteRef.key}`)
    expect(read.length).toBeGreaterThan(0)
    expect(readable).toEqual(expect.arrayContaining(read))
    const [settings, secrets] = containerOf(name).envFrom
    expect(settings?.configMapRef?.name).toMatch(new RegExp(`^${name}-`))
    expect(secrets?.secretRef?.name).toBe(name)
  })

  test.each(SCALED)(
    '%s: has the memory that it has on Cloud Run, and stays up in a roll-out',
    async (name) => {
      const [variables] = (await readHcl('modules/workers', 'variables.tf')).map(
        (file) => file.variable,
      )
      const type = JSON.stringify(variables?.[name])
      const [, memory] = /memory\s*=\s*optional\(string, \\"(\w+)\\"\)/.exec(type) ?? []
      expect(containerOf(name)).toMatchObject({
        resources: { limits: { memory }, requests: { memory } },
      })
      expect(only('Deployment', name)).toMatchObject({
        spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
      })
    },
  )

  test('the codec server is open to its pod alone, and is asked there whether it lives', () => {
    const { CODEC_SERVER_HOST, CODEC_SERVER_PORT } = environmentOf('codec-server')
    expect(CODEC_SERVER_HOST).toBe('127.0.0.1')
    expect(JSON.stringify(containerOf('codec-server')['livenessProbe'])).toContain(
      `http://127.0.0.1:${CODEC_SERVER_PORT}/healthz`,
    )
    expect(all('Service')).toEqual([])
  })
})
