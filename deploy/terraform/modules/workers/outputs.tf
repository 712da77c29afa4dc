output "accounts" {
  description = "The addresses of the service accounts, by process."
  value       = { for name, account in google_service_account.process : name => account.email }
}

output "codec_server_url" {
  description = "Where the codec server is, for Temporal's UI; null where there is none."
  value       = one([for service in google_cloud_run_v2_service.codec_server : service.uri])
}

output "image_repository" {
  description = "Where images are pushed to."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}"
}

output "secrets" {
  description = "The names of the secrets, to which people add versions."
  value       = { for name, secret in google_secret_manager_secret.secret : name => secret.secret_id }
}

output "workload_identity_provider" {
  description = "What GitHub's workflows name to prove who they are; null where there is none."
  value       = one([for provider in google_iam_workload_identity_pool_provider.github : provider.name])
}

output "deployers" {
  description = "The accounts that GitHub's workflows act as: plan and apply."
  value       = { for name, account in google_service_account.deployer : name => account.email }
}
