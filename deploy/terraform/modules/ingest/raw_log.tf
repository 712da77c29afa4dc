# Pub/Sub writes every message into BigQuery by itself: a record with no code of the pipeline in its way. `npm run erase` does
# not reach it, so that its partitions expire.
locals {
  _raw_log = var.raw_log == null ? {} : { raw = var.raw_log }
}

resource "google_bigquery_dataset" "raw" {
  for_each = local._raw_log

  project                         = var.project_id
  dataset_id                      = "streaming_raw"
  description                     = "Messages exactly as Pub/Sub took them, written by Pub/Sub itself."
  location                        = each.value.location
  labels                          = var.labels
  default_partition_expiration_ms = each.value.retention_days * 24 * 60 * 60 * 1000
}

resource "google_bigquery_table" "raw" {
  for_each = local._raw_log

  project             = var.project_id
  dataset_id          = google_bigquery_dataset.raw[each.key].dataset_id
  table_id            = "message"
  description         = "One row a message, perhaps more: Pub/Sub delivers at least once."
  deletion_protection = var.is_protected
  labels              = var.labels

  time_partitioning {
    type          = "DAY"
    field         = "publish_time"
    expiration_ms = each.value.retention_days * 24 * 60 * 60 * 1000
  }

  # The columns are given by Pub/Sub, where a subscription has write_metadata.
  schema = jsonencode([
    { name = "subscription_name", type = "STRING", mode = "NULLABLE" },
    { name = "message_id", type = "STRING", mode = "NULLABLE" },
    { name = "publish_time", type = "TIMESTAMP", mode = "NULLABLE" },
    { name = "attributes", type = "JSON", mode = "NULLABLE" },
    { name = "data", type = "BYTES", mode = "NULLABLE" },
  ])
}

resource "google_bigquery_table_iam_member" "pubsub_agent" {
  for_each = local._raw_log

  project    = var.project_id
  dataset_id = google_bigquery_dataset.raw[each.key].dataset_id
  table_id   = google_bigquery_table.raw[each.key].table_id
  role       = "roles/bigquery.dataEditor"
  member     = local._pubsub_agent
}

resource "google_pubsub_subscription" "raw" {
  for_each = local._raw_log

  project                    = var.project_id
  name                       = "${var.prefix}-raw-log"
  topic                      = local.topic_ids["events"]
  labels                     = var.labels
  message_retention_duration = "${local.settings.retentionDays * local.day_seconds}s"

  expiration_policy {
    ttl = ""
  }

  bigquery_config {
    table          = "${var.project_id}.${google_bigquery_table.raw[each.key].dataset_id}.${google_bigquery_table.raw[each.key].table_id}"
    write_metadata = true
  }

  # Pub/Sub refuses a subscription to a table that it may not write.
  depends_on = [google_bigquery_table_iam_member.pubsub_agent]
}
