resource "google_artifact_registry_repository" "images" {
  project       = var.project_id
  location      = var.region
  repository_id = var.prefix
  description   = "Images of the car events pipeline."
  format        = "DOCKER"
  labels        = var.labels

  docker_config {
    # A tag that could be moved would say nothing about what runs.
    immutable_tags = true
  }

  # A rollback needs the images before this one.
  cleanup_policies {
    id     = "keep-the-last"
    action = "KEEP"
    most_recent_versions {
      keep_count = 20
    }
  }
  cleanup_policies {
    id     = "delete-others"
    action = "DELETE"
    condition {
      older_than = "90d"
    }
  }
}
