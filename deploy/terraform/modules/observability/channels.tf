# page: a person is needed now. ticket: on the next working day.
locals {
  _emails = merge([
    for severity, addresses in var.notification_emails : {
      for address in addresses : "${severity}/${address}" => { severity = severity, address = address }
    }
  ]...)

  channels = {
    for severity in ["page", "ticket"] : severity => concat(
      tolist(var.notification_channels[severity]),
      [for key, channel in google_monitoring_notification_channel.email : channel.name if local._emails[key].severity == severity],
    )
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = local._emails

  project      = var.project_id
  display_name = "${var.prefix} ${each.value.severity}: ${each.value.address}"
  type         = "email"
  labels       = { email_address = each.value.address }
  user_labels  = var.labels
}
