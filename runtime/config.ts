// Configuration: the environment variables of each process, validated by one schema.

import { z } from 'zod'
import { MAX_BATCH_BYTES, TASK_QUEUE, TOPICS } from '#contracts'
import { changeEvents, ownChangeEventsTopic } from './change-events-config.ts'
import { between, hostAndPort, oneOf, share, url, whole } from './config-values.ts'
import { deployment, namesWholeVersion, WHOLE_VERSION } from './deployment-config.ts'
import { readPayloadKeys } from './payload-keys.ts'
import { segment, segmentApi } from './segment-config.ts'

export { readConfig, redacted } from './read-config.ts'

/** The project of the local servers; Google has no project of this name. */
const LOCAL_PROJECT = 'local'

const google = {
  GOOGLE_CLOUD_PROJECT: z.string().min(1).default(LOCAL_PROJECT),
}

/** @param variable the variable that names a local server instead */
const needsProject = (variable: string) => ({
  path: ['GOOGLE_CLOUD_PROJECT'],
  message: `must be the id of your Google Cloud project, unless ${variable} names a local server`,
  when: () => true,
})

const pubsub = {
  ...google,
  PUBSUB_EMULATOR_HOST: z.string().min(1).optional(),
  PUBSUB_TOPIC: z.string().min(1).default(TOPICS.events.name),
  PUBSUB_SUBSCRIPTION: z.string().min(1).default(TOPICS.events.subscription),
  PUBSUB_RETRY_TOPIC: z.string().min(1).default(TOPICS.retries.name),
  PUBSUB_RETRY_SUBSCRIPTION: z.string().min(1).default(TOPICS.retries.subscription),
  PUBSUB_DEAD_LETTER_TOPIC: z.string().min(1).default(TOPICS.dead_letters.name),
}

const warehouse = {
  ...google,
  BIGQUERY_EMULATOR_HOST: url('http://127.0.0.1:9050/bigquery/v2').optional(),
  BIGQUERY_LOCATION: z.string().min(1).default('EU'),
}

const writer = {
  BIGQUERY_STORAGE_EMULATOR_HOST: hostAndPort.optional(),
  WAREHOUSE_WRITER: oneOf(['storage-write', 'insert-all']).optional(),
}

const partners = {
  PARTNERS_FILE: z.string().min(1).optional(),
}

const encryption = {
  PAYLOAD_KEYS: z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return undefined
      const reading = readPayloadKeys(text)
      if (reading.ok) return reading.keys
      context.addIssue({ code: 'custom', message: reading.problem })
      return z.NEVER
    }),
}

const alerts = {
  ALERT_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: 'must be a URL that begins with https:// or http://' })
    .optional(),
  ALERT_THRESHOLD_EVENTS: whole(10, 1, 1_000_000_000),
  ALERT_INTERVAL_MINUTES: whole(30, 1, 7 * 24 * 60),
}

const logLevel = oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info')

const queue = {
  TEMPORAL_TASK_QUEUE: z.string().min(1).default(TASK_QUEUE),
}

/** What the bridge and the worker have in common. */
const service = {
  ...encryption,
  ...queue,
  LOG_LEVEL: logLevel,
  METRICS_ADDRESS: hostAndPort.optional(),
  HEALTH_PORT: between(0, 65_535).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http://127.0.0.1:4318').optional(),
  OTEL_TRACES_SAMPLER_ARG: share(1),
}

const hasProject = (config: { GOOGLE_CLOUD_PROJECT: string }, localServer: string | undefined) =>
  config.GOOGLE_CLOUD_PROJECT !== LOCAL_PROJECT || localServer !== undefined

/** A message that the bridge publishes to its dead-letter topic must not be delivered to the bridge again. */
const hasOwnDeadLetterTopic = (config: z.output<z.ZodObject<typeof pubsub>>) =>
  config.PUBSUB_DEAD_LETTER_TOPIC !== config.PUBSUB_TOPIC &&
  config.PUBSUB_DEAD_LETTER_TOPIC !== config.PUBSUB_RETRY_TOPIC

const OWN_DEAD_LETTER_TOPIC = {
  path: ['PUBSUB_DEAD_LETTER_TOPIC'],
  message: 'must be another topic than PUBSUB_TOPIC and PUBSUB_RETRY_TOPIC',
}

export const bridgeConfig = z
  .object({
    ...pubsub,
    ...partners,
    ...service,
    MONITORING_EMULATOR_HOST: hostAndPort.optional(),
    BRIDGE_PULLS: whole(2, 1, 32),
    BRIDGE_STARTS: whole(4, 1, 32),
    BRIDGE_BATCH_MAX_EVENTS: whole(2000, 1, 2000),
    BRIDGE_BATCH_MAX_BYTES: whole(MAX_BATCH_BYTES, 1024, MAX_BATCH_BYTES),
    BRIDGE_LINGER_MS: whole(300, 0, 5_000),
    BRIDGE_MAX_OPEN_WORKFLOWS: whole(20_000, 1, 10_000_000),
  })
  .refine(
    (config) => hasProject(config, config.PUBSUB_EMULATOR_HOST),
    needsProject('PUBSUB_EMULATOR_HOST'),
  )
  .refine(hasOwnDeadLetterTopic, OWN_DEAD_LETTER_TOPIC)

export const workerConfig = z
  .object({
    ...warehouse,
    ...writer,
    ...segment,
    ...segmentApi,
    ...partners,
    ...service,
    ...alerts,
    ...deployment,
    ...pubsub,
    ...changeEvents,
    ACTIVATION_LOOKUP_SECONDS: whole(20, 0, 300),
    WORKER_MAX_ACTIVITIES: whole(20, 1, 1000),
    WORKER_MAX_WORKFLOW_TASKS: whole(4, 2, 1000),
    WORKER_MAX_CACHED_WORKFLOWS: whole(200, 0, 10_000),
    WORKER_SHUTDOWN_GRACE_SECONDS: whole(20, 0, 600),
    WORKFLOW_BUNDLE: z.string().min(1).optional(),
  })
  .refine(
    (config) => hasProject(config, config.BIGQUERY_EMULATOR_HOST),
    needsProject('BIGQUERY_EMULATOR_HOST'),
  )
  .refine(...ownChangeEventsTopic)
  .refine(
    (config) => !config.CHANGE_EVENTS_TOPIC || hasProject(config, config.PUBSUB_EMULATOR_HOST),
    needsProject('PUBSUB_EMULATOR_HOST'),
  )
  .refine((config) => config.WAREHOUSE_WRITER !== 'storage-write' || hasStorageWrite(config), {
    path: ['WAREHOUSE_WRITER'],
    error:
      'a local BigQuery takes insert-all only: set BIGQUERY_STORAGE_EMULATOR_HOST, or leave it empty',
    when: () => true,
  })
  .refine(namesWholeVersion, WHOLE_VERSION)

/** The variables that the commands of `cli/` need to reach a running pipeline. */
export const cliConfig = z
  .object({
    ...pubsub,
    ...warehouse,
    ...queue,
    ...partners,
    ...segmentApi,
    ...encryption,
    ...changeEvents,
    SWEEP_INTERVAL_MINUTES: whole(5, 1, 24 * 60),
  })
  .refine(hasOwnDeadLetterTopic, OWN_DEAD_LETTER_TOPIC)
  .refine(...ownChangeEventsTopic)

/** The variables that every Temporal client and worker needs in addition to Temporal's own. */
export const encryptionConfig = z.object(encryption)

/** A short token can be guessed; `openssl rand -hex 32` makes a good one. */
const token = z.string().min(16, 'must have at least 16 characters').optional()

const origins = z
  .string()
  .regex(
    /^https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*$/,
    'must be origins such as https://temporal.example.com, with commas between and no path',
  )
  .default('http://localhost:8233,http://127.0.0.1:8233')
  .transform((text) => text.split(','))

export const codecServerConfig = z
  .object({
    ...encryption,
    CODEC_SERVER_HOST: z.string().min(1).default('127.0.0.1'),
    CODEC_SERVER_PORT: whole(8888, 0, 65_535),
    CODEC_SERVER_ORIGINS: origins,
    CODEC_SERVER_TOKEN: token,
    CODEC_SERVER_PERSONAL_TOKEN: token,
    LOG_LEVEL: logLevel,
  })
  .refine(
    ({ CODEC_SERVER_TOKEN: one, CODEC_SERVER_PERSONAL_TOKEN: other }) => !one || one !== other,
    { path: ['CODEC_SERVER_PERSONAL_TOKEN'], message: 'must not be CODEC_SERVER_TOKEN' },
  )

/** The writer that the configuration names, or else the Storage Write API wherever there is one. */
export function warehouseWriter(config: WorkerConfig): 'storage-write' | 'insert-all' {
  return config.WAREHOUSE_WRITER ?? (hasStorageWrite(config) ? 'storage-write' : 'insert-all')
}

/** A local BigQuery takes insertAll only, unless there is a local Storage Write API as well. */
function hasStorageWrite(config: {
  BIGQUERY_EMULATOR_HOST?: string | undefined
  BIGQUERY_STORAGE_EMULATOR_HOST?: string | undefined
}): boolean {
  return !config.BIGQUERY_EMULATOR_HOST || Boolean(config.BIGQUERY_STORAGE_EMULATOR_HOST)
}

export type BridgeConfig = z.output<typeof bridgeConfig>
export type WorkerConfig = z.output<typeof workerConfig>
export type CliConfig = z.output<typeof cliConfig>
export type CodecServerConfig = z.output<typeof codecServerConfig>
