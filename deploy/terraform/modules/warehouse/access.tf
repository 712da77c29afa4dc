resource "google_bigquery_dataset_iam_member" "editor" {
  for_each = var.editors

  project    = var.project_id
  dataset_id = google_bigquery_dataset.streaming.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = each.value
}

resource "google_bigquery_dataset_iam_member" "viewer" {
  for_each = var.viewers

  project    = var.project_id
  dataset_id = google_bigquery_dataset.streaming.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}
