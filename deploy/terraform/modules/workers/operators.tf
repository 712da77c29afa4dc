# People who run the commands: `npm run dlq`, `npm run query`, `npm run trace`.
resource "google_project_iam_member" "operator" {
  for_each = var.operators

  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = each.value
}
