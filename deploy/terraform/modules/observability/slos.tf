# Google Cloud takes an objective only once its metrics exist: after the first events.
locals {
  _service = var.has_metrics ? { pipeline = true } : {}

  _prometheus = "resource.type=\"prometheus_target\""
}

resource "google_monitoring_custom_service" "pipeline" {
  for_each = local._service

  project      = var.project_id
  service_id   = var.prefix
  display_name = "Car events (${var.environment})"
  user_labels  = var.labels
}

resource "google_monitoring_slo" "staged" {
  for_each = local._service

  project             = var.project_id
  service             = google_monitoring_custom_service.pipeline[each.key].service_id
  slo_id              = "staged"
  display_name        = "99 % of events are staged within 60 s of their publication"
  goal                = 0.99
  rolling_period_days = 30
  user_labels         = var.labels

  request_based_sli {
    # Histograms are exposed as counters, one for each bucket: docs/adr/0031.
    good_total_ratio {
      good_service_filter  = "metric.type=\"prometheus.googleapis.com/event_publish_to_staged_seconds_bucket/counter\" ${local._prometheus} metric.labels.le=\"60\""
      total_service_filter = "metric.type=\"prometheus.googleapis.com/event_publish_to_staged_seconds_count/counter\" ${local._prometheus}"
    }
  }
}

resource "google_monitoring_slo" "activated" {
  for_each = local._service

  project             = var.project_id
  service             = google_monitoring_custom_service.pipeline[each.key].service_id
  slo_id              = "activated"
  display_name        = "99.9 % of valid events that are meant for Segment are accepted by Segment"
  goal                = 0.999
  rolling_period_days = 30
  user_labels         = var.labels

  request_based_sli {
    good_total_ratio {
      good_service_filter = "metric.type=\"prometheus.googleapis.com/events_activated_total/counter\" ${local._prometheus} metric.labels.outcome=\"accepted\""
      bad_service_filter  = "metric.type=\"prometheus.googleapis.com/events_activated_total/counter\" ${local._prometheus} metric.labels.outcome=\"failed\""
    }
  }
}

resource "google_monitoring_slo" "fresh" {
  for_each = local._service

  project             = var.project_id
  service             = google_monitoring_custom_service.pipeline[each.key].service_id
  slo_id              = "fresh"
  display_name        = "99 % of the time the oldest unacknowledged event is younger than 120 s"
  goal                = 0.99
  rolling_period_days = 30
  user_labels         = var.labels

  windows_based_sli {
    window_period = "60s"
    metric_mean_in_range {
      time_series = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" resource.type=\"pubsub_subscription\" resource.labels.subscription_id=\"${var.subscription}\""
      range {
        min = 0
        max = 120
      }
    }
  }
}
