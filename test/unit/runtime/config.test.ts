// A process with an unusable configuration says all that is wrong with it, by name and without secrets.

import { expect, test } from '@jest/globals'
import { z } from 'zod'
import {
  bridgeConfig,
  cliConfig,
  codecServerConfig,
  readConfig,
  redacted,
  warehouseWriter,
  workerConfig,
} from '#runtime/config'
import { ConfigError } from '#runtime/errors'
import { pair } from '../../support/payload-keys.ts'

type Environment = Readonly<Record<string, string | undefined>>

function problemsOf(schema: z.ZodType, environment: Environment): ConfigError {
  try {
    readConfig(schema, environment)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the configuration was taken')
}

const project = { GOOGLE_CLOUD_PROJECT: 'my-project' }

test('the bridge needs nothing but a project', () => {
  expect(readConfig(bridgeConfig, project)).toMatchObject({
    GOOGLE_CLOUD_PROJECT: 'my-project',
    PUBSUB_SUBSCRIPTION: 'car-events-bridge',
    BRIDGE_BATCH_MAX_EVENTS: 2000,
  })
})

test.each([
  ['bridge', bridgeConfig, { PUBSUB_EMULATOR_HOST: 'localhost:8085' }],
  [
    'worker',
    workerConfig,
    { BIGQUERY_EMULATOR_HOST: 'http://localhost:9050/bigquery/v2', SEGMENT_WRITE_KEY: 'k' },
  ],
] as const)(
  'the %s needs no project where a local server stands in for Google',
  (_, schema, local) => {
    expect(readConfig<z.ZodType>(schema, local)).toMatchObject({ GOOGLE_CLOUD_PROJECT: 'local' })
  },
)

test('the worker needs a write key and a project, and says so', () => {
  expect(problemsOf(workerConfig, {}).message.split('\n').toSorted()).toEqual([
    '  GOOGLE_CLOUD_PROJECT is not set: it must be the id of your Google Cloud project, unless BIGQUERY_EMULATOR_HOST names a local server',
    '  SEGMENT_WRITE_KEY is not set: it must be the write key of your Segment source',
    'Configuration cannot be used:',
    'See .env.example.',
  ])
})

const WORKER = { ...project, SEGMENT_WRITE_KEY: 'k' }

test('change events are off unless a topic is named for them', () => {
  expect(readConfig(workerConfig, WORKER)).not.toHaveProperty('CHANGE_EVENTS_TOPIC')
  const named = { ...WORKER, CHANGE_EVENTS_TOPIC: 'order-changes.v1' }
  expect(readConfig(workerConfig, named)).toMatchObject({ CHANGE_EVENTS_TOPIC: 'order-changes.v1' })
})

test.each([
  ['worker', workerConfig, 'car-events'],
  ['worker', workerConfig, 'car-events-retry'],
  ['worker', workerConfig, 'car-events-dead-letter'],
  ['setup', cliConfig, 'car-events'],
  ['setup', cliConfig, 'car-events-retry'],
] as const)(
  'the %s does not publish change events to another topic of the pipeline',
  (_, schema, topic) => {
    expect(problemsOf(schema, { ...WORKER, CHANGE_EVENTS_TOPIC: topic }).message).toContain(
      `CHANGE_EVENTS_TOPIC is "${topic}": must be another topic than PUBSUB_TOPIC`,
    )
  },
)

test('a worker with change events needs a project, unless Pub/Sub is local as well', () => {
  const local = {
    BIGQUERY_EMULATOR_HOST: 'http://localhost:9050/bigquery/v2',
    SEGMENT_WRITE_KEY: 'k',
    CHANGE_EVENTS_TOPIC: 'order-changes.v1',
  }
  expect(problemsOf(workerConfig, local).message).toContain('unless PUBSUB_EMULATOR_HOST names')
  const both = { ...local, PUBSUB_EMULATOR_HOST: 'localhost:8085' }
  expect(readConfig(workerConfig, both)).toMatchObject({ GOOGLE_CLOUD_PROJECT: 'local' })
})

const LOCAL = { BIGQUERY_EMULATOR_HOST: 'http://localhost:9050/bigquery/v2' }
const LOCAL_STORAGE = { ...LOCAL, BIGQUERY_STORAGE_EMULATOR_HOST: 'localhost:9060' }

test.each([
  ['Google’s BigQuery', {}, 'storage-write'],
  [
    'Google’s BigQuery, and insertAll is asked for',
    { WAREHOUSE_WRITER: 'insert-all' },
    'insert-all',
  ],
  ['a local BigQuery', LOCAL, 'insert-all'],
  ['a local BigQuery with a local Storage Write API', LOCAL_STORAGE, 'storage-write'],
  [
    'both, and insertAll is asked for',
    { ...LOCAL_STORAGE, WAREHOUSE_WRITER: 'insert-all' },
    'insert-all',
  ],
])('for %s the worker writes through %j: %s', (_where, environment, expected) => {
  const config = readConfig(workerConfig, { ...project, SEGMENT_WRITE_KEY: 'k', ...environment })
  expect(warehouseWriter(config)).toBe(expected)
})

test('the Storage Write API of a local BigQuery that has none is refused, and the way out is told', () => {
  const asked = { ...project, SEGMENT_WRITE_KEY: 'k', ...LOCAL, WAREHOUSE_WRITER: 'storage-write' }
  expect(problemsOf(workerConfig, asked).message).toContain(
    '  WAREHOUSE_WRITER is "storage-write": a local BigQuery takes insert-all only: set BIGQUERY_STORAGE_EMULATOR_HOST',
  )
})

test('all problems are told at once, each by name and value', () => {
  const { message } = problemsOf(workerConfig, {
    ...project,
    LOG_LEVEL: 'loud',
    SEGMENT_HOST: 'api.segment.io',
    SEGMENT_MESSAGE_NAMESPACE: 'Car Events',
    METRICS_ADDRESS: '9464',
    WORKER_MAX_ACTIVITIES: '0',
    WORKER_SHUTDOWN_GRACE_SECONDS: 'soon',
  })
  const [first, ...lines] = message.split('\n')
  expect(first).toBe('Configuration cannot be used:')
  expect(lines.pop()).toBe('See .env.example.')
  expect(lines.toSorted()).toEqual([
    '  LOG_LEVEL is "loud": must be one of trace, debug, info, warn, error, silent',
    '  METRICS_ADDRESS is "9464": must be host:port, such as 127.0.0.1:9464',
    '  SEGMENT_HOST is "api.segment.io": must be a URL, such as https://api.segment.io',
    expect.stringMatching(/^ {2}SEGMENT_MESSAGE_NAMESPACE is "Car Events": must be at most 32 of/),
    '  SEGMENT_WRITE_KEY is not set: it must be the write key of your Segment source',
    '  WORKER_MAX_ACTIVITIES is "0": must be a whole number from 1 to 1000',
    '  WORKER_SHUTDOWN_GRACE_SECONDS is "soon": must be a whole number from 0 to 600',
  ])
})

test.each([
  ['bridge', bridgeConfig],
  ['commands', cliConfig],
] as const)('%s: what is set aside never comes back by itself', (_name, schema) => {
  for (const name of ['PUBSUB_TOPIC', 'PUBSUB_RETRY_TOPIC']) {
    const same = { ...project, [name]: 'one', PUBSUB_DEAD_LETTER_TOPIC: 'one' }
    expect(problemsOf(schema, same).message).toContain(
      '  PUBSUB_DEAD_LETTER_TOPIC is "one": must be another topic than PUBSUB_TOPIC and PUBSUB_RETRY_TOPIC',
    )
  }
})

test.each([
  [
    { TEMPORAL_DEPLOYMENT_NAME: 'car-events' },
    'TEMPORAL_WORKER_BUILD_ID is not set: it must be set where TEMPORAL_DEPLOYMENT_NAME is set, and nowhere else',
  ],
  [
    { TEMPORAL_WORKER_BUILD_ID: 'b1' },
    'TEMPORAL_WORKER_BUILD_ID is "b1": must be set where TEMPORAL_DEPLOYMENT_NAME is set, and nowhere else',
  ],
  [
    { TEMPORAL_DEPLOYMENT_NAME: 'car.events', TEMPORAL_WORKER_BUILD_ID: 'b1' },
    'TEMPORAL_DEPLOYMENT_NAME is "car.events": must be a name without dots and colons, which Temporal does not take',
  ],
])('a version of %j is refused', (variables, problem) => {
  const asked = { ...project, SEGMENT_WRITE_KEY: 'k', ...variables }
  expect(problemsOf(workerConfig, asked).message).toContain(problem)
})

test('an unusable configuration ends a process with code 2', () => {
  expect(problemsOf(workerConfig, {}).exitCode).toBe(2)
})

test.each([
  ['no number', 'BRIDGE_PULLS', 'two'],
  ['a fraction', 'BRIDGE_PULLS', '1.5'],
  ['too little', 'BRIDGE_PULLS', '0'],
  ['more than a batch may hold', 'BRIDGE_BATCH_MAX_BYTES', '4000000'],
  ['below zero', 'BRIDGE_LINGER_MS', '-1'],
  ['no port', 'HEALTH_PORT', '70000'],
  ['no host', 'METRICS_ADDRESS', ':9464'],
])('%s is refused: %s=%s', (_what, name, value) => {
  expect(problemsOf(bridgeConfig, { [name]: value }).message).toContain(`${name} is "${value}": `)
})

test.each(['HEALTH_PORT', 'METRICS_ADDRESS', 'PUBSUB_EMULATOR_HOST', 'BRIDGE_PULLS'])(
  'an empty %s counts as unset',
  (name) => {
    expect(readConfig(bridgeConfig, { ...project, [name]: '' })).toEqual(
      readConfig(bridgeConfig, project),
    )
  },
)

test.each([
  ...['trace', 'debug', 'info', 'warn', 'error', 'silent'].map((one) => ['LOG_LEVEL', one]),
  ...['sdk', 'http'].map((one) => ['SEGMENT_CLIENT', one]),
  ...['storage-write', 'insert-all'].map((one) => ['WAREHOUSE_WRITER', one]),
  ['SEGMENT_MESSAGE_NAMESPACE', 'a-z.0'],
  ['SEGMENT_MESSAGE_NAMESPACE', 'n'.repeat(32)],
  ['ALERT_WEBHOOK_URL', 'http://hooks.example.com/1'],
  ['ALERT_WEBHOOK_URL', 'https://hooks.example.com/1'],
  ['OTEL_TRACES_SAMPLER_ARG', '0.25'],
])('the worker takes %s=%s', (name, value) => {
  const taken = Object(readConfig(workerConfig, { ...WORKER, [name]: value }))
  expect(String(taken[name])).toBe(value)
})

test.each([
  ['SEGMENT_CLIENT', 'grpc'],
  ['WAREHOUSE_WRITER', 'storage'],
  ['SEGMENT_MESSAGE_NAMESPACE', 'n'.repeat(33)],
  ['SEGMENT_PUBLIC_API_HOST', 'api.segmentapis.com'],
  ['ALERT_WEBHOOK_URL', 'ftp://hooks.example.com/1'],
  ['BIGQUERY_EMULATOR_HOST', '127.0.0.1:9050'],
  ['BIGQUERY_STORAGE_EMULATOR_HOST', 'http://127.0.0.1:9060'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector'],
  ['TEMPORAL_DEPLOYMENT_NAME', 'car:events'],
])('the worker refuses %s=%s', (name, value) => {
  const secret = name.includes('WEBHOOK') ? 'set' : JSON.stringify(value)
  expect(problemsOf(workerConfig, { ...WORKER, [name]: value }).message).toContain(
    `  ${name} is ${secret}: `,
  )
})

test('a version is named by both of its variables', () => {
  const version = { TEMPORAL_DEPLOYMENT_NAME: 'car-events', TEMPORAL_WORKER_BUILD_ID: 'b.1' }
  expect(readConfig(workerConfig, { ...WORKER, ...version })).toMatchObject(version)
})

test('an id of a project or a local server is enough, and neither of another process', () => {
  const other = { BIGQUERY_EMULATOR_HOST: 'http://localhost:9050/bigquery/v2' }
  expect(problemsOf(bridgeConfig, other).message).toContain(
    'GOOGLE_CLOUD_PROJECT is not set: it must be the id of your Google Cloud project, unless PUBSUB_EMULATOR_HOST names a local server',
  )
  expect(problemsOf(workerConfig, { ...WORKER, GOOGLE_CLOUD_PROJECT: 'local' }).message).toContain(
    'GOOGLE_CLOUD_PROJECT is "local": ',
  )
})

test('variables of others are left alone', () => {
  expect(readConfig(bridgeConfig, { ...project, PATH: '/bin' })).not.toHaveProperty('PATH')
})

test.each(['SEGMENT_WRITE_KEY', 'API_TOKEN', 'CLIENT_SECRET', 'DB_PASSWORD', 'ALERT_WEBHOOK_URL'])(
  'the value of %s is never shown',
  (name) => {
    const schema = z.object({ [name]: z.string().max(3, 'must be short') })
    const { message } = problemsOf(schema, { [name]: 'swordfish' })
    expect(message).toContain(`${name} is set: must be short`)
    expect(message).not.toContain('swordfish')
  },
)

test('a configuration is logged without its secrets', () => {
  const config = readConfig(workerConfig, { ...project, SEGMENT_WRITE_KEY: 'swordfish' })
  expect(redacted(config)).toEqual({ ...config, SEGMENT_WRITE_KEY: '***' })
})

test('a configuration is logged without the passwords and tokens inside of its addresses', () => {
  const config = readConfig(workerConfig, {
    ...project,
    SEGMENT_WRITE_KEY: 'swordfish',
    SEGMENT_HOST: 'https://user:swordfish@proxy.example.com',
    BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9050/bigquery/v2?token=swordfish',
    ALERT_WEBHOOK_URL: 'https://hooks.example.com/services/swordfish',
  })
  expect(redacted(config)).toMatchObject({
    SEGMENT_HOST: 'https://***@proxy.example.com',
    BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9050/bigquery/v2?token=***',
    ALERT_WEBHOOK_URL: '***',
  })
  expect(JSON.stringify(redacted(config))).not.toContain('swordfish')
})

test.each([
  ['SEGMENT_HOST', 'https://user:sword fish@'],
  ['BIGQUERY_EMULATOR_HOST', 'https://user:swordfish/x@:port'],
  ['METRICS_ADDRESS', 'user:swordfish@host:9464'],
])('an address of %s that cannot be used is told without its password', (name, value) => {
  const environment = { SEGMENT_WRITE_KEY: 'key', [name]: value }
  const { message } = problemsOf(workerConfig, environment)
  expect(message).toContain(`${name} is "`)
  expect(message).not.toContain('sword')
})

test.each([
  ['bridge', bridgeConfig],
  ['worker', workerConfig],
  ['commands', cliConfig],
  ['codec server', codecServerConfig],
] as const)('%s: keys that cannot be used are told without a word of them', (_name, schema) => {
  const { message } = problemsOf(schema, { ...project, PAYLOAD_KEYS: 'a:swordfish' })
  expect(message).toContain('  PAYLOAD_KEYS is set: the key of `a` is not as it must be: id:key')
  expect(message).not.toContain('swordfish')
})

test('keys are logged neither where they are set nor where they are not', () => {
  const config = readConfig(bridgeConfig, { ...project, PAYLOAD_KEYS: pair('a', 1) })
  expect(redacted(config)).toMatchObject({ PAYLOAD_KEYS: '***' })
  expect(redacted(readConfig(bridgeConfig, project))['PAYLOAD_KEYS']).toBeUndefined()
})

const TOKEN = 'a-token-of-a-good-length'

test.each([
  ['a short token', { CODEC_SERVER_TOKEN: 'swordfish' }, 'CODEC_SERVER_TOKEN is set: must have'],
  [
    'one token for both',
    { CODEC_SERVER_TOKEN: TOKEN, CODEC_SERVER_PERSONAL_TOKEN: TOKEN },
    'CODEC_SERVER_PERSONAL_TOKEN is set: must not be CODEC_SERVER_TOKEN',
  ],
  ['an origin with a path', { CODEC_SERVER_ORIGINS: 'http://a/b' }, 'CODEC_SERVER_ORIGINS is'],
  ['any origin', { CODEC_SERVER_ORIGINS: '*' }, 'CODEC_SERVER_ORIGINS is "*": must be origins'],
])('the codec server refuses %s', (_what, environment, line) => {
  const { message } = problemsOf(codecServerConfig, environment)
  expect(message).toContain(line)
  expect(message).not.toMatch(/swordfish|a-token/)
})

test('the codec server takes tokens of 16 characters, and several origins', () => {
  const own = {
    CODEC_SERVER_TOKEN: 'x'.repeat(16),
    CODEC_SERVER_PERSONAL_TOKEN: 'y'.repeat(16),
    CODEC_SERVER_ORIGINS: 'https://one.example,http://localhost:*',
  }
  expect(readConfig(codecServerConfig, own)).toMatchObject({
    ...own,
    CODEC_SERVER_ORIGINS: ['https://one.example', 'http://localhost:*'],
  })
  for (const name of ['CODEC_SERVER_TOKEN', 'CODEC_SERVER_PERSONAL_TOKEN'])
    expect(problemsOf(codecServerConfig, { [name]: 'x'.repeat(15) }).message).toContain(
      `${name} is set: must have at least 16 characters`,
    )
})
