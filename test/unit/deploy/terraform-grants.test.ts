// What each role is granted on, and to whom, in Terraform: a grant on another resource is no error of Terraform's.

import { expect, test } from '@jest/globals'
import { folders, readHcl } from '../../support/hcl.ts'

/** The arguments of a grant that say neither on what nor to whom. */
const APART = ['project', 'location', 'role', 'member', 'for_each', 'count']

const plain = (value: unknown) => String(value).replaceAll(/\$\{|\}/g, '')

/** For example `ingest: roles/pubsub.publisher on google_pubsub_topic.topic["events"].name to each.value in var.publishers`. */
async function grantsOf(folder: string): Promise<string[]> {
  const files = await readHcl(folder, '.tf')
  const resources = files.flatMap(({ resource }) => Object.entries(resource))
  return resources
    .filter(([type]) => type.endsWith('_iam_member'))
    .flatMap(([, blocks]) => Object.values(blocks).flat())
    .map((grant) => {
      const on = Object.entries(grant).flatMap(([name, value]) =>
        APART.includes(name) ? [] : [plain(value)],
      )
      const each = grant['for_each'] === undefined ? '' : ` in ${plain(grant['for_each'])}`
      return `${plain(grant['role'])} on ${on.join(' ') || 'the project'} to ${plain(grant['member'])}${each}`
    })
}

/** By folder of deploy/terraform; the others have none. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  'modules/ingest': [
    'roles/bigquery.dataEditor on google_bigquery_dataset.raw[each.key].dataset_id google_bigquery_table.raw[each.key].table_id to local._pubsub_agent in local._raw_log',
    'roles/pubsub.publisher on google_pubsub_topic.topic["dead_letters"].name to local._pubsub_agent',
    'roles/pubsub.publisher on google_pubsub_topic.topic["events"].name to each.value in var.publishers',
    'roles/pubsub.publisher on google_pubsub_topic.topic["retries"].name to each.value in var.operators',
    'roles/pubsub.subscriber on google_pubsub_subscription.subscription["dead_letters"].name to each.value in var.operators',
    'roles/pubsub.subscriber on google_pubsub_subscription.subscription[each.key].name to local._pubsub_agent in { for role, topic in local.pubsub.topics : role => topic if topic.isPulledByBridge ',
  ],
  'modules/warehouse': [
    'roles/bigquery.dataEditor on google_bigquery_dataset.streaming.dataset_id to each.value in var.editors',
    'roles/bigquery.dataViewer on google_bigquery_dataset.streaming.dataset_id to each.value in var.viewers',
  ],
  'modules/workers': [
    'each.value.role on the project to local.members[each.value.account] in local._project_roles',
    'each.value.role on the project to serviceAccount:google_service_account.deployer[each.value.account].email in local._deployer_grants',
    'roles/bigquery.jobUser on the project to each.value in var.operators',
    'roles/iam.workloadIdentityUser on each.value.name to principalSet://iam.googleapis.com/google_iam_workload_identity_pool.github["github"].name/attribute.may/each.key in google_service_account.deployer',
    'roles/iam.workloadIdentityUser on google_service_account.process[each.key].name to serviceAccount:var.project_id.svc.id.goog[var.kubernetes_namespace/each.key] in local._kubernetes_users',
    'roles/iap.httpsResourceAccessor on google_cloud_run_v2_service.codec_server["codec"].name to each.value in toset(flatten([for codec_server in local._codec_server : tolist(codec_server.members)]))',
    'roles/pubsub.publisher on var.changes_topic to local.members["worker"]',
    'roles/pubsub.publisher on var.topics["dead_letters"] to local.members["bridge"]',
    'roles/pubsub.subscriber on var.subscriptions[each.key] to local.members["bridge"] in toset(["events", "retries"])',
    'roles/run.invoker on google_cloud_run_v2_service.codec_server[each.key].name to serviceAccount:service-var.project_number@gcp-sa-iap.iam.gserviceaccount.com in local._codec_server',
    'roles/secretmanager.secretAccessor on google_secret_manager_secret.secret[each.value.secret].secret_id to local.members[each.value.process] in local._readers',
    'roles/secretmanager.secretAccessor on google_secret_manager_secret.secret[each.value].secret_id to each.key in local._operator_readers',
    'local._state_roles[each.key] on var.github.state_bucket to serviceAccount:each.value.email in google_service_account.deployer',
  ],
}

test.each(folders)('%s grants these roles and no other', async (folder) => {
  expect((await grantsOf(folder)).toSorted()).toEqual([...(GRANTS[folder] ?? [])].toSorted())
})
