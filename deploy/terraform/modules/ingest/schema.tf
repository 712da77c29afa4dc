# Pub/Sub refuses a message that breaks this schema before the pipeline sees it: it is neither in the audit log nor a dead
# letter, and only its publisher knows. Without a schema the pipeline rejects such a message itself, and keeps it.
resource "google_pubsub_schema" "event" {
  count = var.message_schema == null ? 0 : 1

  project    = var.project_id
  name       = "${var.prefix}-event"
  type       = var.message_schema.type
  definition = var.message_schema.definition
}
