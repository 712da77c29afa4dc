resource "google_bigquery_table" "table" {
  for_each = { for table in local.contract.tables : table.name => table }

  project             = var.project_id
  dataset_id          = google_bigquery_dataset.streaming.dataset_id
  table_id            = each.key
  description         = each.value.description
  labels              = var.labels
  schema              = jsonencode(each.value.columns)
  clustering          = each.value.clusterBy
  deletion_protection = var.is_protected

  time_partitioning {
    type  = "DAY"
    field = each.value.partitionBy
  }
}
