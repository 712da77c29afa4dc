locals {
  _views = { for view in local.contract.views : view.name => view }

  # BigQuery takes a view only where everything that it reads exists.
  _reads_views = [
    for name, view in local._views : name
    if anytrue([for other in keys(local._views) : can(regex("\\b${local.contract.dataset}\\.${other}\\b", view.query))])
  ]
}

resource "google_bigquery_table" "view" {
  for_each = { for name, view in local._views : name => view if !contains(local._reads_views, name) }

  project             = var.project_id
  dataset_id          = google_bigquery_dataset.streaming.dataset_id
  table_id            = each.key
  description         = each.value.description
  labels              = var.labels
  deletion_protection = false

  view {
    query          = each.value.query
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.table]
}

resource "google_bigquery_table" "view_of_views" {
  for_each = { for name, view in local._views : name => view if contains(local._reads_views, name) }

  project             = var.project_id
  dataset_id          = google_bigquery_dataset.streaming.dataset_id
  table_id            = each.key
  description         = each.value.description
  labels              = var.labels
  deletion_protection = false

  view {
    query          = each.value.query
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.view]
}
