# Change events of orders, which the worker publishes where it is told to. Consumers make subscriptions of their own, with message
# ordering: docs/change-events.md.
resource "google_pubsub_topic" "changes" {
  for_each = var.has_change_events ? { changes = local.pubsub.changesTopic } : {}

  project                    = var.project_id
  name                       = "${var.prefix}-${each.value.name}"
  labels                     = var.labels
  message_retention_duration = "${each.value.retentionDays * local.day_seconds}s"
  deletion_policy            = var.is_protected ? "PREVENT" : "DELETE"

  dynamic "message_storage_policy" {
    for_each = length(var.storage_regions) == 0 ? [] : [var.storage_regions]
    content {
      allowed_persistence_regions = message_storage_policy.value
      enforce_in_transit          = true
    }
  }
}
