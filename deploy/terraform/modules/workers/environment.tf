# The variables of the processes. test/unit/deploy/terraform.test.ts holds them to runtime/config.ts.
locals {
  health_port  = 8081
  metrics_port = 8080 # where the collector of Managed Service for Prometheus looks

  temporal_environment = {
    TEMPORAL_ADDRESS   = var.temporal.address
    TEMPORAL_NAMESPACE = var.temporal.namespace
    # Where it is empty, the SDK decides: TLS with an API key or a certificate, none without.
    TEMPORAL_TLS             = var.temporal.authentication == "none" ? "" : "true"
    TEMPORAL_TLS_SERVER_NAME = var.temporal.server_name
  }

  service_environment = {
    GOOGLE_CLOUD_PROJECT = var.project_id
    TEMPORAL_TASK_QUEUE  = var.temporal.task_queue
    LOG_LEVEL            = var.log_level
    METRICS_ADDRESS      = "0.0.0.0:${local.metrics_port}"
    HEALTH_PORT          = tostring(local.health_port)
    PARTNERS_FILE        = local.partners_file
  }

  bridge_environment = {
    PUBSUB_TOPIC              = var.topics["events"]
    PUBSUB_SUBSCRIPTION       = var.subscriptions["events"]
    PUBSUB_RETRY_TOPIC        = var.topics["retries"]
    PUBSUB_RETRY_SUBSCRIPTION = var.subscriptions["retries"]
    PUBSUB_DEAD_LETTER_TOPIC  = var.topics["dead_letters"]
  }

  worker_environment = {
    BIGQUERY_LOCATION         = var.bigquery_location
    SEGMENT_HOST              = var.segment.host
    SEGMENT_PUBLIC_API_HOST   = var.segment.public_api_host
    SEGMENT_CLIENT            = var.segment.client
    SEGMENT_MESSAGE_NAMESPACE = var.segment.message_namespace
    # Cloud Run ends an instance ten seconds after SIGTERM.
    WORKER_SHUTDOWN_GRACE_SECONDS = "8"
  }

  codec_server_environment = {
    CODEC_SERVER_HOST    = "0.0.0.0"
    CODEC_SERVER_PORT    = "8080"
    CODEC_SERVER_ORIGINS = var.codec_server == null ? "" : join(",", var.codec_server.origins)
    LOG_LEVEL            = var.log_level
  }

  _partners_folder = "/etc/partners"
  partners_file    = local._versions["partners-yaml"] == null ? "" : "${local._partners_folder}/partners.yaml"
}
