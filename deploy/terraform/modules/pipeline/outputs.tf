output "codec_server_url" {
  description = "Where the codec server is, for Temporal's UI; null where there is none."
  value       = module.workers.codec_server_url
}

output "command_environment" {
  description = "The variables that the commands (npm run setup, dlq, trace, ...) need to reach this environment, in addition to Temporal's credentials and the payload keys."
  value = merge(module.ingest.changes_topic == null ? {} : { CHANGE_EVENTS_TOPIC = module.ingest.changes_topic }, {
    GOOGLE_CLOUD_PROJECT      = var.project_id
    BIGQUERY_LOCATION         = var.bigquery_location
    PUBSUB_TOPIC              = module.ingest.topics["events"]
    PUBSUB_SUBSCRIPTION       = module.ingest.subscriptions["events"]
    PUBSUB_RETRY_TOPIC        = module.ingest.topics["retries"]
    PUBSUB_RETRY_SUBSCRIPTION = module.ingest.subscriptions["retries"]
    PUBSUB_DEAD_LETTER_TOPIC  = module.ingest.topics["dead_letters"]
    TEMPORAL_ADDRESS          = var.temporal.address
    TEMPORAL_NAMESPACE        = var.temporal.namespace
    TEMPORAL_TASK_QUEUE       = var.temporal.task_queue
  })
}

output "deployers" {
  description = "The accounts that GitHub's workflows act as: plan and apply."
  value       = module.workers.deployers
}

output "image_repository" {
  description = "Where images are pushed to."
  value       = module.workers.image_repository
}

output "secrets" {
  description = "The names of the secrets, to which people add versions."
  value       = module.workers.secrets
}

output "topic" {
  description = "The topic that partners publish to."
  value       = module.ingest.topics["events"]
}

output "workload_identity_provider" {
  description = "What GitHub's workflows name to prove who they are; null where there is none."
  value       = module.workers.workload_identity_provider
}
