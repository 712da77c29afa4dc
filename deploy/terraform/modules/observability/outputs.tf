output "alert_policies" {
  description = "The alert policies, by the name of the rule."
  value       = { for name, policy in google_monitoring_alert_policy.rule : name => policy.name }
}
