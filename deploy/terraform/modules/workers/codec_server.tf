# Identity-Aware Proxy lets in people of `members` only, and asks who they are. The browser sends their session with what the
# page of Temporal's UI asks, which the page must be told to: "Include cross-origin credentials".
locals {
  _codec_server = var.codec_server == null || var.image == null ? {} : { codec = var.codec_server }
}

resource "google_cloud_run_v2_service" "codec_server" {
  for_each = local._codec_server

  project             = var.project_id
  location            = var.region
  name                = "${var.prefix}-codec-server"
  description         = local.accounts["codec-server"]
  labels              = var.labels
  ingress             = "INGRESS_TRAFFIC_ALL"
  iap_enabled         = true
  deletion_protection = var.is_protected

  scaling {
    min_instance_count = 0
    max_instance_count = 2
  }

  template {
    service_account = google_service_account.process["codec-server"].email
    labels          = var.labels

    containers {
      image = var.image
      # The proxy keeps others out, so that pages need no token.
      args = ["deploy/codec-server/main.ts", "--without-token"]

      ports {
        container_port = 8080
      }

      resources {
        limits = { cpu = "1", memory = "512Mi" }
      }

      dynamic "env" {
        for_each = local.codec_server_environment
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.secret_environment["codec-server"]
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

      startup_probe {
        http_get {
          path = "/healthz"
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = contains(keys(local.secret_environment["codec-server"]), "PAYLOAD_KEYS")
      error_message = "The codec server needs PAYLOAD_KEYS: add a version to the secret, and give its number in secret_versions.payload_keys, or set codec_server to null."
    }
  }

  depends_on = [google_secret_manager_secret_iam_member.process]
}

# The proxy itself calls the service; nobody else may.
resource "google_cloud_run_v2_service_iam_member" "iap" {
  for_each = local._codec_server

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.codec_server[each.key].name
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${var.project_number}@gcp-sa-iap.iam.gserviceaccount.com"
}

resource "google_iap_web_cloud_run_service_iam_member" "person" {
  for_each = toset(flatten([for codec_server in local._codec_server : tolist(codec_server.members)]))

  project                = var.project_id
  location               = var.region
  cloud_run_service_name = google_cloud_run_v2_service.codec_server["codec"].name
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.value
}

# A browser asks by OPTIONS, without a session, whether the page may ask at all: the codec server answers that by its origins.
resource "google_iap_settings" "codec_server" {
  for_each = local._codec_server

  name = "projects/${var.project_number}/iap_web/cloud_run-${var.region}/services/${google_cloud_run_v2_service.codec_server[each.key].name}"

  access_settings {
    cors_settings {
      allow_http_options = true
    }
  }
}
