# One run a promise. The provider is a mock: nothing is asked of Google.

mock_provider "google" {
  override_during = plan
}

variables {
  prefix         = "cars-sales-my-project-test"
  project_id     = "my-project"
  project_number = "123456789012"
}

run "names_begin_with_the_prefix" {
  command = plan

  assert {
    condition     = output.topics == { events = "cars-sales-my-project-test-car-events", retries = "cars-sales-my-project-test-car-events-retry", dead_letters = "cars-sales-my-project-test-car-events-dead-letter" }
    error_message = "The topics are named ${jsonencode(output.topics)}."
  }
  assert {
    condition     = output.subscriptions == { events = "cars-sales-my-project-test-car-events-bridge", retries = "cars-sales-my-project-test-car-events-retry-bridge", dead_letters = "cars-sales-my-project-test-car-events-dead-letter-inspect" }
    error_message = "The subscriptions are named ${jsonencode(output.subscriptions)}."
  }
}

run "a_subscription_outlives_a_bridge_that_is_down_for_a_week" {
  command = plan

  assert {
    condition     = alltrue([for each in google_pubsub_subscription.subscription : each.message_retention_duration == "604800s" && each.expiration_policy[0].ttl == ""])
    error_message = "A subscription keeps its messages for another time than seven days, or expires."
  }
  assert {
    condition     = alltrue([for each in google_pubsub_subscription.subscription : each.ack_deadline_seconds == 45])
    error_message = "The bridge needs 45 seconds before a message is delivered again."
  }
}

run "the_bridge_pulls_and_nothing_is_pushed" {
  command = plan

  assert {
    condition     = alltrue([for each in google_pubsub_subscription.subscription : length(each.push_config) == 0 && each.filter == null])
    error_message = "A subscription pushes or filters."
  }
}

run "what_is_delivered_too_often_goes_to_the_dead_letter_topic" {
  command = plan

  assert {
    condition = alltrue([
      for role in ["events", "retries"] :
      google_pubsub_subscription.subscription[role].dead_letter_policy[0].dead_letter_topic == "projects/my-project/topics/${output.topics["dead_letters"]}" &&
      google_pubsub_subscription.subscription[role].dead_letter_policy[0].max_delivery_attempts == 100 &&
      google_pubsub_subscription.subscription[role].retry_policy[0].minimum_backoff == "10s" &&
      google_pubsub_subscription.subscription[role].retry_policy[0].maximum_backoff == "600s"
    ])
    error_message = "A subscription of the bridge has no dead-letter policy, or gives up after another time than 17 hours."
  }
  assert {
    condition     = length(google_pubsub_subscription.subscription["dead_letters"].dead_letter_policy) == 0
    error_message = "Dead letters would be dead-lettered."
  }
}

run "pubsub_itself_may_move_messages_to_the_dead_letter_topic" {
  command = plan

  assert {
    condition     = google_pubsub_topic_iam_member.pubsub_agent.role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.pubsub_agent.topic == output.topics["dead_letters"] && google_pubsub_topic_iam_member.pubsub_agent.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "The service agent of Pub/Sub cannot publish to the dead-letter topic."
  }
  assert {
    condition     = toset([for each in google_pubsub_subscription_iam_member.pubsub_agent : each.subscription]) == toset([output.subscriptions["events"], output.subscriptions["retries"]])
    error_message = "The service agent of Pub/Sub cannot acknowledge what it moves."
  }
}

run "dead_letters_are_kept_for_a_month" {
  command = plan

  assert {
    condition     = google_pubsub_topic.topic["dead_letters"].message_retention_duration == "2678400s"
    error_message = "The dead-letter topic keeps messages for ${coalesce(google_pubsub_topic.topic["dead_letters"].message_retention_duration, "no time")}."
  }
  assert {
    condition     = google_pubsub_topic.topic["events"].message_retention_duration == null
    error_message = "The topic of events keeps messages that nobody asked it to."
  }
}

run "the_topic_of_events_keeps_them_where_it_is_told_to" {
  command = plan
  variables {
    event_retention_days = 3
  }

  assert {
    condition     = google_pubsub_topic.topic["events"].message_retention_duration == "259200s"
    error_message = "Three days were asked for."
  }
}

run "messages_stay_in_the_regions_that_are_named" {
  command = plan
  variables {
    storage_regions = ["europe-west1"]
  }

  assert {
    condition     = alltrue([for each in google_pubsub_topic.topic : tolist(each.message_storage_policy[0].allowed_persistence_regions) == tolist(["europe-west1"])])
    error_message = "A topic stores elsewhere."
  }
}

run "a_schema_holds_events_and_nothing_else" {
  command = plan
  variables {
    message_schema = { type = "AVRO", definition = "{}" }
  }

  assert {
    condition     = google_pubsub_topic.topic["events"].schema_settings[0].encoding == "JSON" && google_pubsub_schema.event[0].type == "AVRO"
    error_message = "The topic of events has no schema."
  }
  assert {
    condition     = length(google_pubsub_topic.topic["retries"].schema_settings) == 0 && length(google_pubsub_topic.topic["dead_letters"].schema_settings) == 0
    error_message = "A dead letter would have to keep the schema that it broke."
  }
}

run "there_is_no_schema_unless_it_is_given" {
  command = plan

  assert {
    condition     = length(google_pubsub_schema.event) == 0 && length(google_pubsub_topic.topic["events"].schema_settings) == 0
    error_message = "Pub/Sub would refuse messages before they are recorded."
  }
}

run "only_those_who_are_named_may_publish" {
  command = plan
  variables {
    publishers = ["serviceAccount:gateway@partners.iam.gserviceaccount.com"]
    operators  = ["group:data-operators@example.com"]
  }

  assert {
    condition     = [for each in google_pubsub_topic_iam_member.publisher : "${each.role} ${each.topic} ${each.member}"] == ["roles/pubsub.publisher ${output.topics["events"]} serviceAccount:gateway@partners.iam.gserviceaccount.com"]
    error_message = "Others may publish events."
  }
  assert {
    condition     = [for each in google_pubsub_topic_iam_member.operator : "${each.role} ${each.topic} ${each.member}"] == ["roles/pubsub.publisher ${output.topics["retries"]} group:data-operators@example.com"]
    error_message = "Operators may publish elsewhere than to the retry topic."
  }
}

run "pubsub_writes_the_raw_log_by_itself" {
  command = plan
  variables {
    raw_log = { location = "EU", retention_days = 7 }
  }

  assert {
    condition     = google_pubsub_subscription.raw["raw"].bigquery_config[0].table == "my-project.streaming_raw.message" && google_pubsub_subscription.raw["raw"].bigquery_config[0].write_metadata
    error_message = "The raw log has no table, or no message ids."
  }
  assert {
    condition     = google_bigquery_table.raw["raw"].time_partitioning[0].expiration_ms == 604800000 && google_bigquery_dataset.raw["raw"].default_partition_expiration_ms == 604800000 && google_bigquery_table_iam_member.pubsub_agent["raw"].role == "roles/bigquery.dataEditor"
    error_message = "The raw log does not expire, or Pub/Sub may not write it."
  }
}

run "there_is_no_raw_log_unless_it_is_asked_for" {
  command = plan

  assert {
    condition     = length(google_pubsub_subscription.raw) == 0 && length(google_bigquery_table.raw) == 0
    error_message = "An erasure does not reach the raw log, so that nobody may get it unasked."
  }
}

run "change_events_have_a_topic_where_they_are_asked_for" {
  command = plan
  variables {
    has_change_events = true
  }

  assert {
    condition     = output.changes_topic == "cars-sales-my-project-test-order-changes.v1" && google_pubsub_topic.changes["changes"].message_retention_duration == "604800s"
    error_message = "The topic of change events is ${coalesce(output.changes_topic, "not there")}."
  }
}

run "there_are_no_change_events_unless_they_are_asked_for" {
  command = plan

  assert {
    condition     = output.changes_topic == null
    error_message = "There is a topic that nobody asked for."
  }
}

run "topics_and_subscriptions_are_protected" {
  command = plan

  assert {
    condition     = alltrue([for each in google_pubsub_topic.topic : each.deletion_policy == "PREVENT"]) && alltrue([for each in google_pubsub_subscription.subscription : each.deletion_policy == "PREVENT"])
    error_message = "A destroy would delete messages that wait."
  }
}

run "event_retention_days_is_validated" {
  command = plan
  variables {
    event_retention_days = 32
  }
  expect_failures = [var.event_retention_days]
}

run "message_schema_type_is_validated" {
  command = plan
  variables {
    message_schema = { type = "JSON", definition = "{}" }
  }
  expect_failures = [var.message_schema]
}

run "message_schema_encoding_is_validated" {
  command = plan
  variables {
    message_schema = { type = "AVRO", definition = "{}", encoding = "TEXT" }
  }
  expect_failures = [var.message_schema]
}

run "operators_are_validated" {
  command = plan
  variables {
    operators = ["allAuthenticatedUsers"]
  }
  expect_failures = [var.operators]
}

run "prefix_is_validated" {
  command = plan
  variables {
    prefix = "Cars_Sales"
  }
  expect_failures = [var.prefix]
}

run "project_id_is_validated" {
  command = plan
  variables {
    project_id = "123456789012"
  }
  expect_failures = [var.project_id]
}

run "project_number_is_validated" {
  command = plan
  variables {
    project_number = "my-project"
  }
  expect_failures = [var.project_number]
}

run "publishers_are_validated" {
  command = plan
  variables {
    publishers = ["allUsers"]
  }
  expect_failures = [var.publishers]
}

run "raw_log_is_validated" {
  command = plan
  variables {
    raw_log = { location = "EU", retention_days = 0 }
  }
  expect_failures = [var.raw_log]
}

run "storage_regions_are_validated" {
  command = plan
  variables {
    storage_regions = ["EU"]
  }
  expect_failures = [var.storage_regions]
}
