// What the module `pipeline` hands from one module to another, and which services of Google Cloud it switches on.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { readHcl } from '../../support/hcl.ts'

const MODULES = ['ingest', 'observability', 'pipeline', 'warehouse', 'workers']

/** The service by the first word of a resource. What a service needs beyond its resources is named in the test. */
const SERVICES: Readonly<Record<string, string>> = {
  artifact: 'artifactregistry',
  bigquery: 'bigquery',
  cloud: 'run',
  iam: 'iam',
  iap: 'iap',
  monitoring: 'monitoring',
  project: 'cloudresourcemanager',
  pubsub: 'pubsub',
  secret: 'secretmanager',
  service: 'iam',
}

/** They ask Cloud Storage, which every project has, and enable services. */
const WITHOUT_SERVICE = ['google_storage_bucket_iam_member', 'google_project_service']

const filesOf = (module: string) => readHcl(`modules/${module}`, '.tf')

async function handedTo(module: string) {
  const [block] = (await filesOf('pipeline')).flatMap((file) => file.module[module] ?? [])
  if (!block) throw new Error(`the module pipeline has no module ${module}`)
  return block
}

test('each module is given what the others made, by its role', async () => {
  expect(await handedTo('warehouse')).toMatchObject({
    editors: { worker: 'serviceAccount:${module.workers.accounts["worker"]}' },
    viewers: '${setunion(var.viewers, var.operators)}',
  })
  expect(await handedTo('workers')).toMatchObject({
    changes_topic: '${module.ingest.changes_topic}',
    subscriptions: '${module.ingest.subscriptions}',
    topics: '${module.ingest.topics}',
  })
  expect(await handedTo('observability')).toMatchObject({
    subscription: '${module.ingest.subscriptions["events"]}',
  })
})

test('a variable that a module and the pipeline have in common is handed on as it is', async () => {
  for (const module of MODULES.filter((name) => name !== 'pipeline')) {
    const block = await handedTo(module)
    const swapped = Object.entries(block).filter(
      ([name, value]) => /^\$\{var\.\w+\}$/.test(String(value)) && value !== `\${var.${name}}`,
    )
    expect({ module, swapped }).toEqual({
      module,
      swapped: module === 'warehouse' ? [['location', '${var.bigquery_location}']] : [],
    })
  }
})

test('every service whose resources are made is switched on, and those that the processes call', async () => {
  const files = (await Promise.all(MODULES.map(filesOf))).flat()
  const types = [...new Set(files.flatMap(({ resource }) => Object.keys(resource)))]
  const made = types
    .filter((type) => !WITHOUT_SERVICE.includes(type))
    .map((type) => SERVICES[type.split('_')[1] ?? ''] ?? type)
  // The Storage Write API, and the tokens by which GitHub's workflows act as their accounts.
  const called = ['bigquerystorage', 'iamcredentials', 'sts']
  const text = readFileSync('deploy/terraform/modules/pipeline/services.tf', 'utf8')
  const enabled = Array.from(text.matchAll(/"(\w+)\.googleapis\.com"/g), ([, name = '']) => name)
  expect(enabled.toSorted()).toEqual([...new Set([...made, ...called])].toSorted())
})
