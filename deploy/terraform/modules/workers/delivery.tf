# GitHub's workflows prove who they are by a token of GitHub (Workload Identity Federation): there are no keys. A release tag may
# apply, and everything else of the repository may only plan.
locals {
  _github = var.github == null ? {} : { github = var.github }

  _deployers = {
    plan  = "Plans changes for pull requests: reads only."
    apply = "Applies releases."
  }

  _deployer_roles = {
    plan = ["roles/viewer", "roles/iam.securityReviewer"]
    apply = [
      "roles/artifactregistry.admin",
      "roles/bigquery.admin",
      "roles/iam.serviceAccountAdmin",
      "roles/iam.serviceAccountUser",
      "roles/iam.workloadIdentityPoolAdmin",
      "roles/iap.admin",
      "roles/monitoring.admin",
      "roles/pubsub.admin",
      "roles/resourcemanager.projectIamAdmin",
      "roles/run.admin",
      "roles/secretmanager.admin",
      "roles/serviceusage.serviceUsageAdmin",
    ]
  }

  # Both read the state, and lock it while they do. The one that applies also manages who may.
  _state_roles = { plan = "roles/storage.objectUser", apply = "roles/storage.admin" }

  _deployer_grants = var.github == null ? {} : merge([
    for name, roles in local._deployer_roles : { for role in roles : "${name}/${role}" => { account = name, role = role } }
  ]...)
}

resource "google_iam_workload_identity_pool" "github" {
  for_each = local._github

  project                   = var.project_id
  workload_identity_pool_id = "${var.account_prefix}-github"
  display_name              = "GitHub Actions"
}

resource "google_iam_workload_identity_pool_provider" "github" {
  for_each = local._github

  project                            = var.project_id
  workload_identity_pool_id          = google_iam_workload_identity_pool.github[each.key].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  display_name                       = "GitHub Actions"
  description                        = "Tokens of workflows of ${each.value.repository}"
  # A name can be given to another repository once this one is deleted, and an id cannot.
  attribute_condition = "assertion.repository == '${each.value.repository}' && assertion.repository_id == '${each.value.repository_id}'"
  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
    "attribute.may"        = "assertion.ref_type == 'tag' && assertion.ref.startsWith('refs/tags/v') ? 'apply' : 'plan'"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "deployer" {
  for_each = var.github == null ? {} : local._deployers

  project      = var.project_id
  account_id   = "${var.account_prefix}-${each.key}"
  display_name = "Car events: ${each.key}"
  description  = each.value
}

resource "google_service_account_iam_member" "deployer" {
  for_each = google_service_account.deployer

  service_account_id = each.value.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github["github"].name}/attribute.may/${each.key}"
}

resource "google_project_iam_member" "deployer" {
  for_each = local._deployer_grants

  project = var.project_id
  role    = each.value.role
  member  = "serviceAccount:${google_service_account.deployer[each.value.account].email}"
}

resource "google_storage_bucket_iam_member" "state" {
  for_each = google_service_account.deployer

  bucket = var.github.state_bucket
  role   = local._state_roles[each.key]
  member = "serviceAccount:${each.value.email}"
}
