// Reads the addresses of services that already run somewhere, so that the stack does not start its own.

/** The variable that replaces each service with one that already runs. */
export const addressVariables = {
  temporal: 'TEMPORAL_ADDRESS',
  pubsub: 'PUBSUB_EMULATOR_HOST',
  bigquery: 'BIGQUERY_EMULATOR_HOST',
  segment: 'SEGMENT_HOST',
} as const

/** A service that may run somewhere else. */
export type ReplaceableService = keyof typeof addressVariables

/** A service of the stack. The codec server, `codec`, is always its own: it has the stack's own key. */
export type Service = ReplaceableService | 'codec'

/** Every service of the stack. */
export const allServices: readonly Service[] = [
  'temporal',
  'pubsub',
  'bigquery',
  'segment',
  'codec',
]

/** The address the environment gives for a service, or undefined where the stack starts its own. */
export const givenAddress = (service: Service): string | undefined =>
  service === 'codec' ? undefined : process.env[addressVariables[service]] || undefined
