output "pipeline" {
  description = "Names and addresses that people, commands and workflows need."
  value       = module.pipeline
}
