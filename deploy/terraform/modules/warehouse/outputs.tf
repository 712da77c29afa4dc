output "dataset_id" {
  description = "The dataset of all tables and views."
  value       = google_bigquery_dataset.streaming.dataset_id
}

output "location" {
  description = "Where the dataset is."
  value       = google_bigquery_dataset.streaming.location
}
