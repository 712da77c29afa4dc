// Words what a check throws: that a service does not answer, refuses the credentials, or is not what it should be.

import { BigQueryError, type BigQueryErrorCode } from '#warehouse/bigquery-error'
import { oneLine } from '../google.ts'
import { PubSubError, type PubSubErrorCode } from '../pubsub-error.ts'
import { error, type Finding, warning } from './finding.ts'

/** @param where what the check was about to look at */
export function describeFailure(where: string, failure: unknown): Finding {
  if (failure instanceof PubSubError) return describePubSub(where, failure)
  if (failure instanceof BigQueryError) return describeBigQuery(where, failure)
  return error(where, `The check failed: ${oneLine(failure)}`, 'Fix what the message says.')
}

const SIGN_IN =
  'Sign in (gcloud auth application-default login), or give the process a service account.'

const PUBSUB_FIX: Readonly<Record<PubSubErrorCode, string>> = {
  unreachable: 'Start Pub/Sub there, correct PUBSUB_EMULATOR_HOST, or open the network to Google.',
  no_credentials: SIGN_IN,
  not_permitted: 'Grant the account that runs this command roles/pubsub.viewer on the project.',
}

function describePubSub(where: string, failure: PubSubError): Finding {
  const place = failure.endpoint ?? `project ${failure.project}`
  const what = `Pub/Sub (${place}) could not be asked (${failure.code}): ${oneLine(failure)}`
  const isHidden = failure.code === 'not_permitted'
  return (isHidden ? warning : error)(where, what, PUBSUB_FIX[failure.code])
}

const BIGQUERY_FIX: Readonly<Partial<Record<BigQueryErrorCode, string>>> = {
  unreachable: 'Start BigQuery there, correct BIGQUERY_EMULATOR_HOST, or open the network.',
  no_credentials: SIGN_IN,
  not_permitted:
    'Grant the account that runs this command roles/bigquery.metadataViewer on the dataset.',
  table_missing: 'Run `npm run setup`.',
  throttled: 'Run the command again later.',
}

function describeBigQuery(where: string, failure: BigQueryError): Finding {
  const place = failure.place.endpoint ?? `project ${failure.place.projectId}`
  const what = `BigQuery (${place}) could not be asked (${failure.code}): ${oneLine(failure)}`
  const isHidden = failure.code === 'not_permitted'
  const fix = BIGQUERY_FIX[failure.code] ?? 'Fix what the message says.'
  return (isHidden ? warning : error)(where, what, fix)
}
