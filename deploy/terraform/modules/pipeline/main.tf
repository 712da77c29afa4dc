# The whole pipeline of one environment. envs/dev and envs/prod are this module with their own values.
locals {
  prefix         = coalesce(var.prefix, "cars-sales-${var.project_id}-${var.environment}")
  account_prefix = "cars-sales-${var.environment}"
  labels         = merge({ application = "car-events", environment = var.environment }, var.labels)
}

module "ingest" {
  source = "../ingest"

  event_retention_days = var.event_retention_days
  has_change_events    = var.has_change_events
  is_protected         = var.is_protected
  labels               = local.labels
  message_schema       = var.message_schema
  operators            = var.operators
  prefix               = local.prefix
  project_id           = var.project_id
  project_number       = var.project_number
  publishers           = var.publishers
  raw_log              = var.raw_log_retention_days == null ? null : { location = var.bigquery_location, retention_days = var.raw_log_retention_days }
  storage_regions      = var.storage_regions

  depends_on = [google_project_service.service]
}

module "warehouse" {
  source = "../warehouse"

  editors      = { worker = "serviceAccount:${module.workers.accounts["worker"]}" }
  is_protected = var.is_protected
  labels       = local.labels
  location     = var.bigquery_location
  project_id   = var.project_id
  viewers      = setunion(var.viewers, var.operators)
}

module "workers" {
  source = "../workers"

  account_prefix          = local.account_prefix
  bigquery_location       = var.bigquery_location
  bridge                  = var.bridge
  changes_topic           = module.ingest.changes_topic
  codec_server            = var.codec_server
  github                  = var.github
  image                   = var.image
  is_protected            = var.is_protected
  kubernetes_namespace    = var.kubernetes_namespace
  labels                  = local.labels
  log_level               = var.log_level
  metrics_collector_image = var.metrics_collector_image
  network                 = var.network
  operators               = var.operators
  prefix                  = local.prefix
  project_id              = var.project_id
  project_number          = var.project_number
  region                  = var.region
  secret_versions         = var.secret_versions
  segment                 = var.segment
  subscriptions           = module.ingest.subscriptions
  temporal                = var.temporal
  topics                  = module.ingest.topics
  worker                  = var.worker
}

module "observability" {
  source = "../observability"

  environment           = var.environment
  has_metrics           = var.has_metrics
  labels                = local.labels
  notification_channels = var.notification_channels
  notification_emails   = var.notification_emails
  prefix                = local.prefix
  project_id            = var.project_id
  repository_url        = var.repository_url
  subscription          = module.ingest.subscriptions["events"]
}
