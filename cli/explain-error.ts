// Words the typed errors of operations: what is wrong, where, and what to do.

import { OperationError } from '#operations/errors'
import { oneLine } from '#operations/google'
import { PubSubError } from '#operations/pubsub-error'
import { SetupError } from '#operations/setup/setup-error'
import { UsageError } from '#runtime/errors'
import { groupBy } from '#runtime/group-by'
import {
  BigQueryError,
  type BigQueryErrorCode,
  type BigQueryPlace,
} from '#warehouse/bigquery-error'
import { commandError } from './operation-errors.ts'

/** @returns an error whose message a person can act on; an error of no operation stays itself */
export function explainError(error: unknown): unknown {
  if (error instanceof OperationError) return explainOperation(error)
  if (error instanceof BigQueryError) return explainBigQuery(error)
  if (error instanceof PubSubError) return explainPubSub(error)
  return error instanceof SetupError ? explainSetup(error) : error
}

/** Where BigQuery stopped answering, the sentence says which BigQuery, and how. */
function explainOperation(error: OperationError): Error {
  const { cause } = error
  if (error.code !== 'bigquery_lost' || !(cause instanceof BigQueryError))
    return commandError(error)
  const why = explainBigQuery(cause).message
  return commandError(new OperationError('bigquery_lost', { why }, cause.cause))
}

const explainBigQuery = (error: BigQueryError): Error =>
  BIGQUERY[error.code](error, nameOf(error.place))

const BIGQUERY: Readonly<
  Record<BigQueryErrorCode, (error: BigQueryError, where: string) => Error>
> = {
  unreachable: (error, where) =>
    new Error(
      `BigQuery does not answer (${where}): try again once it does. It says: ${oneLine(error)}`,
    ),
  no_credentials: (error) => noCredentials(error, error.place.projectId),
  not_permitted: (error) => notPermitted(error, error.place.projectId),
  table_missing: (error, where) =>
    new Error(
      `BigQuery (${where}) says: ${oneLine(error)}. The tables of the pipeline are made by \`npm run setup\`.`,
    ),
  throttled: (error, where) =>
    new Error(
      `BigQuery (${where}) refuses this for now, since a quota is exhausted: try again later. It says: ${oneLine(error)}`,
    ),
  not_an_answer: (error, where) =>
    new Error(`BigQuery (${where}) answered ${error.fault.status}: ${error.message}.`),
  unexpected_row: (error) => error,
  refused: (error) => error,
}

const nameOf = ({ projectId, endpoint }: BigQueryPlace) => endpoint ?? `project ${projectId}`

function explainPubSub(error: PubSubError): Error {
  const { code, project, endpoint } = error
  if (code === 'no_credentials') return noCredentials(error, project)
  if (code === 'not_permitted') return notPermitted(error, project)
  return new UsageError(
    endpoint === undefined
      ? 'Pub/Sub does not answer: is there a way to the internet? For a local one, run `npm run demo`.'
      : `Pub/Sub does not answer at ${endpoint}: start it there, or correct PUBSUB_EMULATOR_HOST.`,
  )
}

const noCredentials = (error: unknown, project: string) =>
  new UsageError(
    `There are no credentials for the Google Cloud project ${project}: sign in (gcloud auth application-default login), or run \`npm run demo\` for a local one: ${oneLine(error)}`,
  )

const notPermitted = (error: unknown, project: string) =>
  new UsageError(
    `Google refuses this in project ${project}; another account, role or project may do (GOOGLE_CLOUD_PROJECT): ${oneLine(error)}`,
  )

/** A line for each reason: services that fail for the same one share it. */
function explainSetup({ failures }: SetupError): Error {
  const explained = failures.map(({ service, error }) => ({ service, error: explainError(error) }))
  const reasons = groupBy(explained, ({ error }) => oneLine(error))
  const lines = Array.from(reasons, ([reason, some]) => {
    const services = some.map(({ service }) => service).join(', ')
    return `Not set up: ${services}. ${reason}`
  })
  const isUsage = explained.some(({ error }) => error instanceof UsageError)
  return new (isUsage ? UsageError : Error)(lines.join('\n'))
}
