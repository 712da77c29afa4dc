// What the parts of docker-compose.yml find inside of their containers: files, addresses to listen at, and commands.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { readConfig, workerConfig } from '#runtime/config'

const service = z.object({
  command: z
    .union([z.string().transform((line) => line.split(' ')), z.string().array()])
    .default([]),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  image: z.string(),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  volumes: z.string().array().default([]),
})
const { services } = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }))
const ours = Object.entries(services).filter(([, { image }]) => image.startsWith('car-events-'))

function named(name: string) {
  const found = services[name]
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`)
  return found
}

/** Where the repository has what a container finds at this path; null where nothing of it is there. */
function onThisMachine(name: string, path: string): string | null {
  for (const volume of named(name).volumes) {
    const [source = '', target = ''] = volume.split(':')
    if (source.startsWith('./') && `${path}/`.startsWith(`${target}/`))
      return normalize(join(source, path.slice(target.length)))
  }
  return null
}

test('prometheus finds its configuration where it looks by default, and the rules that it names', () => {
  const file = onThisMachine('prometheus', '/etc/prometheus/prometheus.yml')
  expect(file).toBe('deploy/prometheus/prometheus.yml')
  const configuration = z.object({ rule_files: z.string().array().min(1) })
  const { rule_files } = configuration.parse(parse(readFileSync(file ?? '', 'utf8')))
  for (const rules of rule_files) expect(existsSync(join('deploy/prometheus', rules))).toBe(true)
})

test('grafana finds its data source, the folder of the dashboards, and the one that it opens with', () => {
  const provisioning = '/etc/grafana/provisioning'
  expect(onThisMachine('grafana', `${provisioning}/datasources/prometheus.yml`)).toBe(
    'deploy/grafana/provisioning/datasources/prometheus.yml',
  )
  const provider = onThisMachine('grafana', `${provisioning}/dashboards/car-events.yml`) ?? ''
  const files = z.object({ options: z.object({ path: z.string() }) })
  const { providers } = z
    .object({ providers: files.array().length(1) })
    .parse(parse(readFileSync(provider, 'utf8')))
  const folder = providers[0]?.options.path ?? ''
  expect(onThisMachine('grafana', folder)).toBe('deploy/grafana/dashboards')
  const home = named('grafana').environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? ''
  expect(home.startsWith(`${folder}/`)).toBe(true)
  expect(existsSync(onThisMachine('grafana', home) ?? '')).toBe(true)
})

test.each([
  ['temporal', ['--ip=0.0.0.0', '--port=7233', '--ui-port=8233']],
  ['pubsub', ['--host-port=0.0.0.0:8085', '--project=local']],
  ['bigquery', ['--host=0.0.0.0', '--port=9050', '--project=local']],
  ['segment', ['--host=0.0.0.0', '--port=9080']],
  ['codec-server', ['--without-token']],
] as const)('%s answers other containers, and pages of this machine', (name, flags) => {
  expect(named(name).command).toEqual(expect.arrayContaining([...flags]))
})

test('what others ask of our processes is open to them', () => {
  expect(named('codec-server').environment['CODEC_SERVER_HOST']).toBe('0.0.0.0')
  for (const name of ['bridge', 'worker'])
    expect(named(name).environment['METRICS_ADDRESS']).toMatch(/^0\.0\.0\.0:/)
  for (const [, { environment }] of ours)
    expect(environment['BIGQUERY_EMULATOR_HOST']).toMatch(/^http:\/\/bigquery:\d+\/bigquery\/v2$/)
})

test('temporal lets workflows name fairness keys, and commands list many runs in a row', () => {
  expect(named('temporal').command).toEqual(
    expect.arrayContaining([
      '--dynamic-config-value=matching.enableFairness=true',
      '--dynamic-config-value=frontend.namespaceRPS.visibility=1000',
    ]),
  )
})

test.each(ours)('%s: starts again where it fails', (_name, { restart }) => {
  expect(restart).toBe('on-failure')
})

test.each(['bridge', 'worker'])('%s: is given the time that a worker needs to end', (name) => {
  const { WORKER_SHUTDOWN_GRACE_SECONDS: needed } = readConfig(workerConfig, {
    ...named('worker').environment,
  })
  expect(Number.parseInt(named(name).stop_grace_period ?? '0', 10)).toBeGreaterThan(needed)
})

test('setup and events are commands, with options that they know', () => {
  const files = readdirSync('cli').filter((file) => file.endsWith('.ts'))
  const program = files.map((file) => readFileSync(join('cli', file), 'utf8')).join('\n')
  for (const name of ['setup', 'events']) {
    const [main, command = '', ...rest] = named(name).command
    expect(main).toBe('cli/main.ts')
    expect(program.includes(`.command('${command}')`)).toBe(true)
    const unknown = rest.filter((option) => !program.includes(`'${option.split('=')[0]} <`))
    expect(unknown).toEqual([])
  }
})
