// What docker-compose.yml says, held against the code it starts, since these tests run without Docker.

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  bridgeConfig,
  cliConfig,
  codecServerConfig,
  readConfig,
  workerConfig,
} from '#runtime/config'

/** Our images, by the target of the Dockerfile they are. */
const OURS = {
  'car-events-pipeline:production': 'production',
  'car-events-pipeline:local': 'local',
}

/** What only the development kit has: a stand-in, or made events. */
const OF_THE_KIT = ['bigquery', 'segment', 'events']

/** They do their work and end: the exit code tells, and `docker compose ps` shows it. */
const ONE_SHOT = ['setup', 'events']

/** Read by Temporal's own configuration loader. */
const TEMPORAL_VARIABLES = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']

const service = z.object({
  image: z.string(),
  build: z
    .object({ dockerfile: z.string(), target: z.string(), args: z.object({ RUNTIME: z.string() }) })
    .optional(),
  pull_policy: z.string().optional(),
  command: z
    .union([z.string().transform((line) => line.split(' ')), z.string().array()])
    .optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.string().array().default([]),
  cap_drop: z.string().array().default([]),
  security_opt: z.string().array().default([]),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  ports: z.string().array().default([]),
  volumes: z.string().array().default([]),
  profiles: z.string().array().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.string().array() }).optional(),
  container_name: z.undefined().optional(),
})
type Service = z.output<typeof service>

const text = readFileSync('docker-compose.yml', 'utf8')
const compose = z
  .object({
    version: z.undefined().optional(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(parse(text, { merge: true }))
const services = Object.entries(compose.services)
const ours = services.filter(([, { image }]) => image in OURS)
const others = services.filter(([, { image }]) => !(image in OURS))

function named(name: string): Service {
  const found = compose.services[name]
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`)
  return found
}

test('every part of the pipeline is there', () => {
  expect(ours.map(([name]) => name)).toEqual([
    'bigquery',
    'segment',
    'codec-server',
    'setup',
    'bridge',
    'worker',
    'events',
  ])
  expect(others.map(([name]) => name)).toEqual(['temporal', 'pubsub', 'prometheus', 'grafana'])
})

test('only prometheus and grafana wait for a profile', () => {
  const waiting = services.filter(([, { profiles }]) => profiles !== undefined)
  expect(Object.fromEntries(waiting.map(([name, { profiles }]) => [name, profiles]))).toEqual({
    prometheus: ['observability'],
    grafana: ['observability'],
  })
})

test.each(others)('%s: its image is pinned to a version', (_name, { image }) => {
  expect(image).toMatch(/:v?\d+\.\d+\.\d+(-[a-z]+)?$/)
})

test.each(Object.entries(OURS))('one service builds %s, and nothing pulls it', (image, target) => {
  const users = ours.filter(([, each]) => each.image === image)
  const builders = users.flatMap(([, { build }]) => build ?? [])
  const args = { RUNTIME: 'debian' }
  expect(builders).toEqual([{ dockerfile: 'deploy/Dockerfile', target, args }])
  for (const [name, { build, pull_policy }] of users) {
    expect({ name, pull_policy }).toEqual({ name, pull_policy: build ? 'build' : 'never' })
  }
})

test('what runs in production runs from the production image, and only that', () => {
  const local = ours.filter(([, { image }]) => image === 'car-events-pipeline:local')
  expect(local.map(([name]) => name)).toEqual(OF_THE_KIT)
})

test('every part says when it is healthy, but those that end by themselves', () => {
  const silent = services.filter(([, { healthcheck }]) => healthcheck === undefined)
  expect(silent.map(([name]) => name)).toEqual(ONE_SHOT)
})

test.each(services)('%s: its ports are open on this machine only', (_name, { ports }) => {
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
})

test('no two parts take the same port', () => {
  const taken = services.flatMap(([, { ports }]) => ports.map(hostPort))
  expect(new Set(taken).size).toBe(taken.length)
})

test.each(services)('%s: it waits for parts that exist and can be waited for', (_name, each) => {
  for (const [name, { condition }] of Object.entries(each.depends_on)) {
    const expected = ONE_SHOT.includes(name) ? 'service_completed_successfully' : 'service_healthy'
    expect({ name, exists: name in compose.services, condition }).toEqual({
      name,
      exists: true,
      condition: expected,
    })
  }
})

test.each(services)('%s: its volumes are declared, its folders are there', (_name, { volumes }) => {
  for (const volume of volumes) {
    const [source = ''] = volume.split(':')
    expect(source.startsWith('./') ? existsSync(source) : source in compose.volumes).toBe(true)
  }
})

test.each(ours)('%s: it runs a file that exists, with an init process', (_name, each) => {
  // Node is the entry point of the image.
  const [main = ''] = each.command ?? []
  expect(main).toMatch(/\.ts$/)
  expect(existsSync(main)).toBe(true)
  expect(each.init).toBe(true)
})

test.each(ours)('%s: it can change nothing of its image, and gain no privilege', (_name, each) => {
  expect(each).toMatchObject({
    read_only: true,
    tmpfs: ['/tmp'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  })
})

test.each(ours)('%s: the files that it writes are in a volume', (_name, { command, volumes }) => {
  const written = command?.flatMap((word) => /^--file=(.+)$/.exec(word)?.[1] ?? []) ?? []
  const mounted = volumes.map((volume) => `${volume.split(':')[1]}/`)
  expect(written.filter((file) => !mounted.some((folder) => file.startsWith(folder)))).toEqual([])
})

test.each(ours)('%s: every variable it gets is one that is read', (_name, { environment }) => {
  const schemas = [bridgeConfig, workerConfig, cliConfig, codecServerConfig]
  const known = [...schemas.flatMap(({ shape }) => Object.keys(shape)), ...TEMPORAL_VARIABLES]
  expect(known).toEqual(expect.arrayContaining(Object.keys(environment)))
})

test.each([
  ['bridge', bridgeConfig],
  ['worker', workerConfig],
  ['setup', cliConfig],
  ['events', cliConfig],
] as const)('%s: its configuration is complete and local', (name, schema) => {
  const { environment } = named(name)
  expect(readConfig(schema, environment)).toMatchObject({ GOOGLE_CLOUD_PROJECT: 'local' })
  expect(Object.keys(environment)).toEqual(expect.arrayContaining(TEMPORAL_VARIABLES))
})

test('the worker reaches nothing but local parts', () => {
  const hosts = ['BIGQUERY_EMULATOR_HOST', 'SEGMENT_HOST'].map((name) => {
    return new URL(named('worker').environment[name] ?? '').hostname
  })
  expect(hosts).toEqual(['bigquery', 'segment'])
})

test.each(ours)('%s: each address is a part and a port it listens on', (_name, each) => {
  const addresses = Object.values(each.environment).flatMap((value) => {
    const [, host = '', port = ''] = /^(?:http:\/\/)?([a-z]+):(\d+)/.exec(value) ?? []
    return host ? [{ host, port }] : []
  })
  const wrong = addresses.filter(({ host, port }) => {
    return !compose.services[host]?.ports.map(containerPort).includes(port)
  })
  expect(addresses.length).toBeGreaterThan(0)
  expect(wrong).toEqual([])
})

test.each(ours)('%s: its healthcheck asks the port it serves', (_name, each) => {
  const asked = /127\.0\.0\.1:(\d+)\/healthz/.exec(each.healthcheck?.test.join(' ') ?? '')?.[1]
  const argument = each.command?.find((word) => word.startsWith('--port='))?.slice('--port='.length)
  const { HEALTH_PORT, CODEC_SERVER_PORT } = each.environment
  expect(asked).toBe(argument ?? CODEC_SERVER_PORT ?? HEALTH_PORT)
})

test('every process has the same key, and the codec server lets the UI ask it', () => {
  const { environment, ports } = named('codec-server')
  const config = readConfig(codecServerConfig, environment)
  for (const [, { environment: other }] of ours)
    expect(other['PAYLOAD_KEYS']).toBe(environment['PAYLOAD_KEYS'])
  expect(config.PAYLOAD_KEYS?.map(({ id }) => id)).toEqual(['local-key-not-secret'])
  const command = named('temporal').command ?? []
  const flag = (name: string) =>
    command.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)
  expect(flag('ui-codec-endpoint')).toBe(`http://localhost:${hostPort(ports[0] ?? '')}`)
  expect(config.CODEC_SERVER_ORIGINS).toEqual(
    ['localhost', '127.0.0.1'].map((host) => `http://${host}:${flag('ui-port')}`),
  )
  expect(config.CODEC_SERVER_TOKEN).toBe('local-token-not-secret')
})

test('prometheus scrapes the ports at which bridge and worker serve their metrics', () => {
  const target = z.object({ targets: z.string().array() })
  const job = z.object({ job_name: z.string(), static_configs: target.array() })
  const file = readFileSync('deploy/prometheus/prometheus.yml', 'utf8')
  const { scrape_configs } = z.object({ scrape_configs: job.array() }).parse(parse(file))
  const scraped = scrape_configs.flatMap(({ static_configs }) =>
    static_configs.flatMap(({ targets }) => targets),
  )
  const served = ours.flatMap(([name, { environment }]) => {
    const [, port] = environment['METRICS_ADDRESS']?.split(':') ?? []
    return port ? [`${name}:${port}`] : []
  })
  expect(scraped).toEqual(served)
})

test('grafana asks the prometheus that runs beside it', () => {
  const file = readFileSync('deploy/grafana/provisioning/datasources/prometheus.yml', 'utf8')
  const source = z.object({ type: z.literal('prometheus'), url: z.url() })
  const { datasources } = z.object({ datasources: source.array() }).parse(parse(file))
  const [host, port] = new URL(datasources[0]?.url ?? '').host.split(':')
  expect(named(host ?? '').ports.map(containerPort)).toEqual([port])
})

test.each(services.flatMap(([name, { ports }]) => ports.map((port) => [name, hostPort(port)])))(
  '%s: README.md names its port %s',
  (_name, port) => {
    expect(readFileSync('README.md', 'utf8')).toMatch(new RegExp(`\\b${port}\\b`))
  },
)

function hostPort(port: string): string {
  return port.split(':').at(-2) ?? ''
}

function containerPort(port: string): string {
  return port.split(':').at(-1) ?? ''
}
