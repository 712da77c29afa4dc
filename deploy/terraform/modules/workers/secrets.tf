# Terraform makes the secrets, and people add their versions, so that no value is in the state:
# gcloud secrets versions add NAME --data-file=-
locals {
  temporal_secrets = {
    api_key = {
      "temporal-api-key" = { variable = "TEMPORAL_API_KEY", readers = ["bridge", "worker"] }
    }
    mtls = {
      "temporal-tls-cert" = { variable = "TEMPORAL_TLS_CLIENT_CERT_DATA", readers = ["bridge", "worker"] }
      "temporal-tls-key"  = { variable = "TEMPORAL_TLS_CLIENT_KEY_DATA", readers = ["bridge", "worker"] }
    }
    none = {}
  }

  pipeline_secrets = {
    "payload-keys"             = { variable = "PAYLOAD_KEYS", readers = ["bridge", "worker", "codec-server"] }
    "segment-write-key"        = { variable = "SEGMENT_WRITE_KEY", readers = ["worker"] }
    "segment-public-api-token" = { variable = "SEGMENT_PUBLIC_API_TOKEN", readers = ["worker"] }
    "alert-webhook-url"        = { variable = "ALERT_WEBHOOK_URL", readers = ["worker"] }
    "partners-yaml"            = { variable = null, readers = ["bridge", "worker"] } # a file: see environment.tf
  }

  secrets = merge(local.temporal_secrets[var.temporal.authentication], local.pipeline_secrets)

  _versions = { for name in keys(local.secrets) : name => lookup(var.secret_versions, replace(name, "-", "_"), null) }

  # The variables that each process reads from a version of a secret.
  secret_environment = {
    for process in keys(local.accounts) : process => {
      for name, secret in local.secrets : secret.variable => { name = name, version = local._versions[name] }
      if secret.variable != null && local._versions[name] != null && contains(secret.readers, process)
    }
  }

  _readers = merge([
    for name, secret in local.secrets : {
      for process in secret.readers : "${process}/${name}" => { secret = name, process = process }
    }
  ]...)

  _operator_readers = { for member in var.operators : member => "payload-keys" }
}

resource "google_secret_manager_secret" "secret" {
  for_each = local.secrets

  project             = var.project_id
  secret_id           = "${var.prefix}-${each.key}"
  labels              = var.labels
  deletion_protection = var.is_protected

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
}

resource "google_secret_manager_secret_iam_member" "process" {
  for_each = local._readers

  project   = var.project_id
  secret_id = google_secret_manager_secret.secret[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.members[each.value.process]
}

# The commands encrypt and decrypt as the processes do.
resource "google_secret_manager_secret_iam_member" "operator" {
  for_each = local._operator_readers

  project   = var.project_id
  secret_id = google_secret_manager_secret.secret[each.value].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.key
}
