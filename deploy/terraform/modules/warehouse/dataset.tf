locals {
  # `npm run setup` makes dataset, tables and views of the same definition: contracts/tables.ts and contracts/views.ts.
  contract = jsondecode(file("${path.module}/../../../../contracts/generated/tables.json"))
}

resource "google_bigquery_dataset" "streaming" {
  project                    = var.project_id
  dataset_id                 = local.contract.dataset
  location                   = var.location
  labels                     = var.labels
  delete_contents_on_destroy = !var.is_protected
}
