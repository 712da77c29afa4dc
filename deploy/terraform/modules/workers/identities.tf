# One account a process, each with what it needs and nothing more. No keys: Cloud Run gives a process its account, and the
# Kubernetes service accounts of deploy/k8s may act for it by Workload Identity.
locals {
  accounts = {
    bridge         = "Pulls events from Pub/Sub and starts workflows."
    worker         = "Runs workflows: writes BigQuery and sends to Segment."
    "codec-server" = "Shows people what Temporal stores encrypted."
  }

  members = { for name, account in google_service_account.process : name => "serviceAccount:${account.email}" }

  # What each process does in the project as a whole.
  _project_roles = {
    "bridge/monitoring.viewer"       = { account = "bridge", role = "roles/monitoring.viewer" } # the backlog of Pub/Sub
    "bridge/monitoring.metricWriter" = { account = "bridge", role = "roles/monitoring.metricWriter" }
    "worker/monitoring.metricWriter" = { account = "worker", role = "roles/monitoring.metricWriter" }
    "worker/bigquery.jobUser"        = { account = "worker", role = "roles/bigquery.jobUser" }
  }

  _kubernetes_users = var.kubernetes_namespace == null ? {} : local.accounts
}

resource "google_service_account" "process" {
  for_each = local.accounts

  project      = var.project_id
  account_id   = "${var.account_prefix}-${each.key}"
  display_name = "Car events: ${each.key}"
  description  = each.value
}

resource "google_project_iam_member" "process" {
  for_each = local._project_roles

  project = var.project_id
  role    = each.value.role
  member  = local.members[each.value.account]
}

resource "google_pubsub_subscription_iam_member" "bridge" {
  for_each = toset(["events", "retries"])

  project      = var.project_id
  subscription = var.subscriptions[each.key]
  role         = "roles/pubsub.subscriber"
  member       = local.members["bridge"]
}

resource "google_pubsub_topic_iam_member" "bridge" {
  project = var.project_id
  topic   = var.topics["dead_letters"]
  role    = "roles/pubsub.publisher"
  member  = local.members["bridge"]
}

resource "google_pubsub_topic_iam_member" "worker" {
  count = var.changes_topic == null ? 0 : 1

  project = var.project_id
  topic   = var.changes_topic
  role    = "roles/pubsub.publisher"
  member  = local.members["worker"]
}

resource "google_service_account_iam_member" "kubernetes" {
  for_each = local._kubernetes_users

  service_account_id = google_service_account.process[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project_id}.svc.id.goog[${var.kubernetes_namespace}/${each.key}]"
}
