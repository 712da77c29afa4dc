# What the modules hand to each other. The provider is a mock: nothing is asked of Google.

mock_provider "google" {
  override_during = plan
}

variables {
  environment     = "test"
  image           = "europe-west1-docker.pkg.dev/my-project/images/pipeline:v1.2.3"
  project_id      = "my-project"
  project_number  = "123456789012"
  region          = "europe-west1"
  repository_url  = "https://github.com/owner/name/blob/main"
  secret_versions = { payload_keys = "1", segment_write_key = "2", temporal_api_key = "3" }
  temporal        = { address = "europe-west1.gcp.api.temporal.io:7233", namespace = "car-events.abcde" }
}

run "names_are_those_that_the_old_pipeline_had" {
  command = plan

  assert {
    condition     = output.topic == "cars-sales-my-project-test-car-events"
    error_message = "Partners would publish to ${output.topic}."
  }
}

run "commands_reach_what_was_made" {
  command = plan

  assert {
    condition     = output.command_environment.PUBSUB_TOPIC == output.topic && output.command_environment.TEMPORAL_NAMESPACE == "car-events.abcde" && output.command_environment.PUBSUB_DEAD_LETTER_TOPIC == "cars-sales-my-project-test-car-events-dead-letter"
    error_message = "The commands would reach something else."
  }
}

run "commands_know_the_topic_of_change_events_where_there_is_one" {
  command = plan
  variables {
    has_change_events = true
  }

  assert {
    condition     = output.command_environment.CHANGE_EVENTS_TOPIC == "cars-sales-my-project-test-order-changes.v1"
    error_message = "Setup and the doctor would not look at the topic of change events."
  }
}

run "commands_know_of_no_change_events_where_there_are_none" {
  command = plan

  assert {
    condition     = !contains(keys(output.command_environment), "CHANGE_EVENTS_TOPIC")
    error_message = "Setup would make a topic of change events."
  }
}

run "a_prefix_of_ones_own_is_taken" {
  command = plan
  variables {
    prefix = "cars-sales-short-test"
  }

  assert {
    condition     = output.topic == "cars-sales-short-test-car-events"
    error_message = "Partners would publish to ${output.topic}."
  }
}

run "environment_is_validated" {
  command = plan
  variables {
    environment = "production"
  }
  expect_failures = [var.environment]
}
