locals {
  _pubsub_agent = "serviceAccount:service-${var.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = var.publishers

  project = var.project_id
  topic   = google_pubsub_topic.topic["events"].name
  role    = "roles/pubsub.publisher"
  member  = each.value
}

# Pub/Sub itself moves what was delivered too often: without these two it goes on delivering instead.
resource "google_pubsub_topic_iam_member" "pubsub_agent" {
  project = var.project_id
  topic   = google_pubsub_topic.topic["dead_letters"].name
  role    = "roles/pubsub.publisher"
  member  = local._pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "pubsub_agent" {
  for_each = { for role, topic in local.pubsub.topics : role => topic if topic.isPulledByBridge }

  project      = var.project_id
  subscription = google_pubsub_subscription.subscription[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local._pubsub_agent
}

# For `npm run dlq -- redrive --via-topic`.
resource "google_pubsub_topic_iam_member" "operator" {
  for_each = var.operators

  project = var.project_id
  topic   = google_pubsub_topic.topic["retries"].name
  role    = "roles/pubsub.publisher"
  member  = each.value
}

resource "google_pubsub_subscription_iam_member" "operator" {
  for_each = var.operators

  project      = var.project_id
  subscription = google_pubsub_subscription.subscription["dead_letters"].name
  role         = "roles/pubsub.subscriber"
  member       = each.value
}
