// The module of the warehouse is applied to a local BigQuery by the real Google provider, and compared with what `npm run setup`
// makes in another. Without the provider, these tests are skipped.

import type { BigQuery } from '@google-cloud/bigquery'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { DATASET, TABLES, VIEWS } from '#contracts'
import { setUpTables } from '#operations/setup/tables'
import { makeFolder, start } from '../../support/local-bigquery.ts'
import { copyTerraform, ifProvider } from '../../support/terraform.ts'

const describeWithProvider = await ifProvider()

const providerAt = (url: string) => `provider "google" {
  project                   = "local"
  access_token              = "offline"
  big_query_custom_endpoint = "${url}/bigquery/v2/"
}`

const VARIABLES = `project_id = "local"
labels     = { environment = "test" }
editors    = { worker = "serviceAccount:worker@local.iam.gserviceaccount.com" }
viewers    = ["group:analysts@example.com"]
`

describeWithProvider('the warehouse', () => {
  const { folder, remove } = makeFolder()
  let applied: Awaited<ReturnType<typeof start>>
  let setUp: Awaited<ReturnType<typeof start>>
  let terraform: Awaited<ReturnType<typeof copyTerraform>>
  beforeAll(async () => {
    applied = await start()
    setUp = await start()
    terraform = await copyTerraform(folder, 'deploy/terraform/modules/warehouse', {
      'provider.tf': providerAt(applied.url),
      'terraform.tfvars': VARIABLES,
    })
    await terraform('apply', '-auto-approve', '-input=false')
    await setUpTables(setUp.client, 'EU')
  }, 180_000)
  afterAll(async () => {
    await applied?.stop()
    await setUp?.stop()
    remove()
  })

  test('is applied once: the plan after it is empty', async () => {
    const { stdout } = await terraform('plan', '-input=false', '-detailed-exitcode', '-no-color')
    expect(stdout).toContain('No changes.')
  }, 60_000)

  test('makes every table and view, and the dataset, as setup does', async () => {
    for (const { name } of [...TABLES, ...VIEWS])
      expect({ name, ...(await shapeOf(applied.client, name)) }).toEqual({
        name,
        ...(await shapeOf(setUp.client, name)),
      })
    const locations = await Promise.all(
      [applied, setUp].map(({ client }) => client.dataset(DATASET).getMetadata()),
    )
    expect(locations.map(([{ location }]) => location)).toEqual(['EU', 'EU'])
  })

  test('gives the worker and the viewers access, and nobody else', async () => {
    const [{ access }] = await applied.client.dataset(DATASET).getMetadata()
    const entries = z.array(z.looseObject({ specialGroup: z.string().optional() })).parse(access)
    expect(entries.filter(({ specialGroup }) => specialGroup === undefined)).toEqual([
      { role: 'WRITER', userByEmail: 'worker@local.iam.gserviceaccount.com' },
      { role: 'READER', groupByEmail: 'analysts@example.com' },
    ])
  })

  test('leaves nothing to do for setup', async () => {
    const changes = await setUpTables(applied.client, 'EU')
    expect(changes.length).toBe(1 + TABLES.length + VIEWS.length)
    expect(changes.filter(({ did }) => did !== 'unchanged')).toEqual([])
  })

  test('is brought back by the next apply after somebody changed it', async () => {
    await applied.client.dataset(DATASET).table('purchase').setMetadata({ description: 'changed' })
    await terraform('apply', '-auto-approve', '-input=false')
    expect(await shapeOf(applied.client, 'purchase')).toEqual(
      await shapeOf(setUp.client, 'purchase'),
    )
  }, 60_000)
})

/** The provider sends a list of policy tags with every column; an empty one is none. */
const column = z
  .looseObject({ policyTags: z.object({ names: z.tuple([]) }).optional() })
  .transform((each) => ({ ...each, policyTags: undefined }))

const shape = z.object({
  description: z.string(),
  schema: z.object({ fields: z.array(column) }),
  timePartitioning: z.object({ type: z.string(), field: z.string() }).optional(),
  clustering: z.unknown().optional(),
  view: z.unknown().optional(),
  type: z.string(),
})

async function shapeOf(client: BigQuery, name: string) {
  const [metadata] = await client.dataset(DATASET).table(name).getMetadata()
  return shape.parse(metadata)
}
