// Checks that the account may query, read rows and write rows, as the worker does. A local server has no permissions.

import type { BigQuery } from '@google-cloud/bigquery'
import { DATASET, TABLES } from '#contracts'
import { type BigQueryPlace, toBigQueryError } from '#warehouse/bigquery-error'
import { error, type Finding, type Report } from '../finding.ts'
import type { Site } from '../site.ts'

const ON_TABLES = ['bigquery.tables.getData', 'bigquery.tables.updateData']

export async function checkBigQueryPermissions(site: Site): Promise<Report> {
  if (site.config.BIGQUERY_EMULATOR_HOST) return { seen: 'a local server has none', findings: [] }
  const bigquery = await site.bigquery()
  const [ofTables, ofJobs] = await Promise.all([checkTables(bigquery), checkJobs(bigquery)])
  return { seen: `${TABLES.length} tables, and a query`, findings: [...ofTables, ...ofJobs] }
}

async function checkTables(bigquery: BigQuery & BigQueryPlace): Promise<Finding[]> {
  const findings = await Promise.all(
    TABLES.map(async ({ name }) => {
      const [held] = await bigquery
        .dataset(DATASET)
        .table(name)
        .testIamPermissions(ON_TABLES)
        .catch((failure: unknown) => {
          throw toBigQueryError(failure, bigquery)
        })
      return missingAmong(`table ${DATASET}.${name}`, held.permissions ?? [])
    }),
  )
  return findings.flat()
}

const missingAmong = (where: string, held: readonly string[]): Finding[] =>
  ON_TABLES.filter((permission) => !held.includes(permission)).map((permission) =>
    error(
      where,
      `The account of this process lacks ${permission}, which the worker needs.`,
      `GRANT \`roles/bigquery.dataEditor\` ON SCHEMA ${DATASET} TO "serviceAccount:ACCOUNT"`,
    ),
  )

/** A dry run costs nothing and needs the permission to run a query. */
async function checkJobs(bigquery: BigQuery & BigQueryPlace): Promise<Finding[]> {
  try {
    await bigquery.createQueryJob({ query: 'SELECT 1', dryRun: true })
    return []
  } catch (failure) {
    const { code } = toBigQueryError(failure, bigquery)
    if (code !== 'not_permitted') throw toBigQueryError(failure, bigquery)
    return [NO_JOBS]
  }
}

const NO_JOBS = error(
  'the project',
  'The account of this process lacks bigquery.jobs.create, which the worker needs for its queries.',
  'gcloud projects add-iam-policy-binding PROJECT --role=roles/bigquery.jobUser --member=serviceAccount:ACCOUNT',
)
