locals {
  settings   = local.pubsub.subscriptionSettings
  redelivery = local.pubsub.redelivery

  # The id of a topic that is not there yet is unknown, and its name is not: a plan shows it.
  topic_ids = { for role, topic in google_pubsub_topic.topic : role => "projects/${var.project_id}/topics/${topic.name}" }
}

resource "google_pubsub_subscription" "subscription" {
  for_each = local.pubsub.topics

  project                    = var.project_id
  name                       = "${var.prefix}-${each.value.subscription}"
  topic                      = local.topic_ids[each.key]
  labels                     = var.labels
  ack_deadline_seconds       = local.settings.ackDeadlineSeconds
  message_retention_duration = "${local.settings.retentionDays * local.day_seconds}s"
  deletion_policy            = var.is_protected ? "PREVENT" : "DELETE"

  # Without it, Pub/Sub deletes a subscription that is not pulled for 31 days.
  expiration_policy {
    ttl = ""
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.isPulledByBridge ? [local.redelivery] : []
    content {
      dead_letter_topic     = local.topic_ids["dead_letters"]
      max_delivery_attempts = dead_letter_policy.value.maxDeliveryAttempts
    }
  }

  dynamic "retry_policy" {
    for_each = each.value.isPulledByBridge ? [local.redelivery] : []
    content {
      minimum_backoff = "${retry_policy.value.minimumBackoffSeconds}s"
      maximum_backoff = "${retry_policy.value.maximumBackoffSeconds}s"
    }
  }
}
