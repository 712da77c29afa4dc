locals {
  # `npm run setup` makes topics and subscriptions of the same definition: contracts/pubsub.ts.
  pubsub = jsondecode(file("${path.module}/../../../../contracts/generated/pubsub.json"))

  _retention_days = {
    for role, topic in local.pubsub.topics : role =>
    role == "events" ? max(topic.retentionDays, var.event_retention_days) : topic.retentionDays
  }
  day_seconds = 24 * 60 * 60
}

resource "google_pubsub_topic" "topic" {
  for_each = local.pubsub.topics

  project                    = var.project_id
  name                       = "${var.prefix}-${each.value.name}"
  labels                     = var.labels
  message_retention_duration = local._retention_days[each.key] == 0 ? null : "${local._retention_days[each.key] * local.day_seconds}s"
  deletion_policy            = var.is_protected ? "PREVENT" : "DELETE"

  dynamic "message_storage_policy" {
    for_each = length(var.storage_regions) == 0 ? [] : [var.storage_regions]
    content {
      allowed_persistence_regions = message_storage_policy.value
      enforce_in_transit          = true
    }
  }

  dynamic "schema_settings" {
    for_each = each.key == "events" && var.message_schema != null ? [var.message_schema] : []
    content {
      schema   = google_pubsub_schema.event[0].id
      encoding = schema_settings.value.encoding
    }
  }
}
