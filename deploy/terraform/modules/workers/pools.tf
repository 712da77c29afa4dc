locals {
  # Without an image there is nothing to run yet: the first apply makes the registry that the image is pushed to.
  _pools = { for name, pool in { bridge = local.bridge, worker = local.worker } : name => pool if var.image != null }

  _needed_secrets = {
    bridge = [for name in keys(local.temporal_secrets[var.temporal.authentication]) : local.secrets[name].variable]
    worker = concat(["SEGMENT_WRITE_KEY"], [for name in keys(local.temporal_secrets[var.temporal.authentication]) : local.secrets[name].variable])
  }
}

resource "google_cloud_run_v2_worker_pool" "pool" {
  for_each = local._pools

  project             = var.project_id
  location            = var.region
  name                = "${var.prefix}-${each.key}"
  description         = local.accounts[each.key]
  labels              = var.labels
  deletion_protection = var.is_protected

  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = each.value.instances
  }

  template {
    service_account = google_service_account.process[each.key].email
    labels          = var.labels

    containers {
      name  = each.key
      image = var.image
      args  = each.value.args

      resources {
        limits = each.value.limits
      }

      dynamic "env" {
        for_each = { for name, value in each.value.environment : name => value if value != null && value != "" }
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.secret_environment[each.key]
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.secret[env.value.name].secret_id
              version = env.value.version
            }
          }
        }
      }

      # A new revision takes over only where it reaches what it needs.
      startup_probe {
        http_get {
          path = "/readyz"
          port = local.health_port
        }
        period_seconds    = 5
        timeout_seconds   = 4
        failure_threshold = 24
      }

      liveness_probe {
        http_get {
          path = "/livez"
          port = local.health_port
        }
        period_seconds    = 10
        timeout_seconds   = 5
        failure_threshold = 6
      }

      dynamic "volume_mounts" {
        for_each = local.partners_file == "" ? [] : [local._partners_folder]
        content {
          name       = "partners"
          mount_path = volume_mounts.value
        }
      }
    }

    # Collects the metrics of the first container for Managed Service for Prometheus.
    dynamic "containers" {
      for_each = var.metrics_collector_image == null ? [] : [var.metrics_collector_image]
      content {
        name       = "metrics-collector"
        image      = containers.value
        depends_on = [each.key]
      }
    }

    dynamic "volumes" {
      for_each = local.partners_file == "" ? [] : [local._versions["partners-yaml"]]
      content {
        name = "partners"
        secret {
          secret = google_secret_manager_secret.secret["partners-yaml"].secret_id
          items {
            version = volumes.value
            path    = "partners.yaml"
          }
        }
      }
    }

    dynamic "vpc_access" {
      for_each = var.network == null ? [] : [var.network]
      content {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = vpc_access.value.network
          subnetwork = vpc_access.value.subnetwork
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = length(setsubtract(local._needed_secrets[each.key], keys(local.secret_environment[each.key]))) == 0
      error_message = "The ${each.key} needs ${join(" and ", setsubtract(local._needed_secrets[each.key], keys(local.secret_environment[each.key])))}: add a version to the secret, and give its number in secret_versions."
    }
  }

  depends_on = [google_secret_manager_secret_iam_member.process]
}
