output "changes_topic" {
  description = "The name of the topic of change events; null where there is none."
  value       = one([for topic in google_pubsub_topic.changes : topic.name])
}

output "subscriptions" {
  description = "The names of the subscriptions: events, retries and dead_letters."
  value       = { for role, subscription in google_pubsub_subscription.subscription : role => subscription.name }
}

output "topics" {
  description = "The names of the topics: events, retries and dead_letters."
  value       = { for role, topic in google_pubsub_topic.topic : role => topic.name }
}
