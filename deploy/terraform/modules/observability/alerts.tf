# One alert policy for each rule of deploy/prometheus/rules.yml, which Prometheus loads as it is.
locals {
  groups = yamldecode(file(coalesce(var.rules_file, "${path.module}/../../../prometheus/rules.yml"))).groups

  _rules = merge([
    for group in local.groups : {
      for rule in group.rules : rule.alert => merge(rule, { group = group.name })
    }
  ]...)

  _seconds = { s = 1, m = 60, h = 3600, d = 86400, w = 604800 }

  # Prometheus writes 1h30m, and Google Cloud 5400s.
  _durations = {
    for name, rule in local._rules : name => sum([
      for part in regexall("([0-9]+)([smhdw])", try(rule.for, "0s")) : tonumber(part[0]) * local._seconds[part[1]]
    ])
  }
}

resource "google_monitoring_alert_policy" "rule" {
  for_each = local._rules

  project               = var.project_id
  display_name          = "${var.prefix} ${each.key}"
  combiner              = "OR"
  severity              = each.value.labels.severity == "page" ? "CRITICAL" : "WARNING"
  notification_channels = local.channels[each.value.labels.severity]
  user_labels           = merge(var.labels, { severity = each.value.labels.severity })

  conditions {
    display_name = each.value.annotations.summary

    condition_prometheus_query_language {
      query               = each.value.expr
      duration            = "${local._durations[each.key]}s"
      evaluation_interval = "60s"
      rule_group          = each.value.group
      alert_rule          = each.key
      labels              = each.value.labels
      # A metric is there once a process has counted something.
      disable_metric_validation = true
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = "[${var.environment}] ${each.value.annotations.summary}"
    mime_type = "text/markdown"
    content   = each.value.annotations.description

    links {
      display_name = "Runbook"
      url          = "${var.repository_url}/${each.value.annotations.runbook}"
    }
  }

  lifecycle {
    precondition {
      condition     = length(setsubtract(keys(each.value), ["alert", "expr", "for", "labels", "annotations", "group"])) == 0
      error_message = "The rule ${each.key} has ${join(", ", setsubtract(keys(each.value), ["alert", "expr", "for", "labels", "annotations", "group"]))}, which Google Cloud's alert policies have no counterpart of."
    }
  }
}
