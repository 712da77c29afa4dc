provider "google" {
  project = var.project_id
  region  = var.region
}

module "pipeline" {
  source = "../../modules/pipeline"

  environment  = "prod"
  is_protected = true

  bridge = { instances = 2 }
  worker = { instances = 2, cpu = "2" }

  codec_server           = length(var.codec_server_members) == 0 ? null : { members = var.codec_server_members }
  github                 = var.github
  has_change_events      = var.has_change_events
  has_metrics            = var.has_metrics
  image                  = var.image
  kubernetes_namespace   = var.kubernetes_namespace
  notification_emails    = var.notification_emails
  operators              = var.operators
  project_id             = var.project_id
  project_number         = var.project_number
  publishers             = var.publishers
  raw_log_retention_days = var.raw_log_retention_days
  region                 = var.region
  repository_url         = var.repository_url
  secret_versions        = var.secret_versions
  temporal               = var.temporal
}
