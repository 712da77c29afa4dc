# One run a promise. The provider is a mock: nothing is asked of Google.

mock_provider "google" {
  override_during = plan

  mock_resource "google_monitoring_notification_channel" {
    defaults = { name = "projects/my-project/notificationChannels/1" }
  }
}

variables {
  environment    = "test"
  prefix         = "cars-sales-my-project-test"
  project_id     = "my-project"
  repository_url = "https://github.com/owner/name/blob/main"
  subscription   = "cars-sales-my-project-test-car-events-bridge"
}

run "every_rule_of_prometheus_is_an_alert_policy" {
  command = plan

  assert {
    condition = {
      for name, policy in google_monitoring_alert_policy.rule : name => policy.conditions[0].condition_prometheus_query_language[0].query
      } == merge([
        for group in yamldecode(file("../../../prometheus/rules.yml")).groups : { for rule in group.rules : rule.alert => rule.expr }
    ]...)
    error_message = "The alert policies ask something else than the rules do."
  }
  assert {
    condition     = length(google_monitoring_alert_policy.rule) == sum([for group in yamldecode(file("../../../prometheus/rules.yml")).groups : length(group.rules)])
    error_message = "Two rules have the same name."
  }
}

run "a_rule_waits_as_long_as_in_prometheus" {
  command = plan
  variables {
    rules_file = "tests/rules.yml"
  }

  assert {
    condition = {
      for name, policy in google_monitoring_alert_policy.rule : name => policy.conditions[0].condition_prometheus_query_language[0].duration
    } == { AtOnce = "0s", AfterAnHourAndAHalf = "5400s", AfterTwoDays = "172800s" }
    error_message = "A rule waits for another time in Google Cloud than in Prometheus."
  }
}

run "what_google_cloud_cannot_do_is_refused" {
  command = plan
  variables {
    rules_file = "tests/unsupported-rules.yml"
  }
  expect_failures = [google_monitoring_alert_policy.rule["KeepsFiring"]]
}

run "pages_go_to_pagers_and_tickets_to_tickets" {
  command = plan
  variables {
    notification_channels = {
      page   = ["projects/my-project/notificationChannels/11"]
      ticket = ["projects/my-project/notificationChannels/22"]
    }
  }

  assert {
    condition = alltrue([
      for policy in google_monitoring_alert_policy.rule :
      policy.notification_channels == tolist([{ page = "projects/my-project/notificationChannels/11", ticket = "projects/my-project/notificationChannels/22" }[policy.user_labels.severity]])
    ])
    error_message = "An alert goes to the wrong channel."
  }
  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.rule : policy.severity == { page = "CRITICAL", ticket = "WARNING" }[policy.user_labels.severity]])
    error_message = "A page is not critical, or a ticket is."
  }
}

run "addresses_are_written_to" {
  command = plan
  variables {
    notification_emails = { page = ["on-call@example.com"] }
  }

  assert {
    condition     = [for channel in google_monitoring_notification_channel.email : "${channel.type} ${channel.labels.email_address}"] == ["email on-call@example.com"]
    error_message = "The address has no channel."
  }
  assert {
    condition = alltrue([
      for policy in google_monitoring_alert_policy.rule :
      policy.user_labels.severity == "page" ? policy.notification_channels == tolist(["projects/my-project/notificationChannels/1"]) : try(length(policy.notification_channels), 0) == 0
    ])
    error_message = "A page is not written to the address, or a ticket is."
  }
}

run "every_alert_leads_to_the_runbook" {
  command = plan

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.rule : startswith(policy.documentation[0].links[0].url, "https://github.com/owner/name/blob/main/docs/runbook.md#")])
    error_message = "An alert does not say what to do."
  }
}

run "objectives_wait_for_metrics" {
  command = plan

  assert {
    condition     = length(google_monitoring_slo.staged) + length(google_monitoring_slo.activated) + length(google_monitoring_slo.fresh) == 0
    error_message = "Google Cloud refuses an objective on a metric that has never been written."
  }
}

run "three_objectives_hold_what_is_promised" {
  command = plan
  variables {
    has_metrics = true
  }

  assert {
    condition     = google_monitoring_slo.staged["pipeline"].goal == 0.99 && strcontains(google_monitoring_slo.staged["pipeline"].request_based_sli[0].good_total_ratio[0].good_service_filter, "le=\"60\"")
    error_message = "The objective is not 99 % staged within 60 s."
  }
  assert {
    condition     = google_monitoring_slo.activated["pipeline"].goal == 0.999
    error_message = "The objective is not 99.9 % accepted by Segment."
  }
  assert {
    condition     = google_monitoring_slo.fresh["pipeline"].windows_based_sli[0].metric_mean_in_range[0].range[0].max == 120 && strcontains(google_monitoring_slo.fresh["pipeline"].windows_based_sli[0].metric_mean_in_range[0].time_series, var.subscription)
    error_message = "The objective is not that the oldest unacknowledged event is younger than 120 s."
  }
}

run "objectives_are_about_the_metrics_that_alerts_are_about" {
  command = plan
  variables {
    has_metrics = true
  }

  assert {
    condition = alltrue([
      for filter in [
        google_monitoring_slo.staged["pipeline"].request_based_sli[0].good_total_ratio[0].good_service_filter,
        google_monitoring_slo.staged["pipeline"].request_based_sli[0].good_total_ratio[0].total_service_filter,
        google_monitoring_slo.activated["pipeline"].request_based_sli[0].good_total_ratio[0].good_service_filter,
        google_monitoring_slo.activated["pipeline"].request_based_sli[0].good_total_ratio[0].bad_service_filter,
      ] : strcontains(file("../../../prometheus/rules.yml"), regex("prometheus.googleapis.com/([a-z_]+)/counter", filter)[0])
    ])
    error_message = "An objective counts something that no alert knows."
  }
}

run "notification_channels_are_validated" {
  command = plan
  variables {
    notification_channels = { page = ["on-call"] }
  }
  expect_failures = [var.notification_channels]
}

run "notification_emails_are_validated" {
  command = plan
  variables {
    notification_emails = { ticket = ["data-team"] }
  }
  expect_failures = [var.notification_emails]
}

run "repository_url_is_validated" {
  command = plan
  variables {
    repository_url = "github.com/owner/name/"
  }
  expect_failures = [var.repository_url]
}
