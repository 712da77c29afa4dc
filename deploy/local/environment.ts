/** Reads the addresses of parts that already run somewhere, so that the stack does not start its own. */

/** The variable that replaces each part with one that already runs. */
export const addressVariables = {
  temporal: 'TEMPORAL_ADDRESS',
  pubsub: 'PUBSUB_EMULATOR_HOST',
  bigquery: 'BIGQUERY_EMULATOR_HOST',
  segment: 'SEGMENT_HOST',
} as const

/** A part of the stack. */
export type Service = keyof typeof addressVariables

/** Every part of the stack. */
export const allServices: readonly Service[] = ['temporal', 'pubsub', 'bigquery', 'segment']

/** The address the environment gives for a part, or undefined where the stack starts its own. */
export const givenAddress = (service: Service): string | undefined =>
  process.env[addressVariables[service]] || undefined
