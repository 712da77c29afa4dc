variable "environment" {
  description = "The environment, which notifications name first."
  type        = string
  nullable    = false
}

variable "has_metrics" {
  description = "Whether the first events have been processed. Only then does Google Cloud take objectives (SLOs) on their metrics."
  type        = bool
  default     = false
  nullable    = false
}

variable "labels" {
  description = "Labels of everything that takes labels."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "notification_channels" {
  description = "Notification channels that there are already, such as PagerDuty's or Slack's, by severity: projects/PROJECT/notificationChannels/ID."
  type = object({
    page   = optional(set(string), [])
    ticket = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for channel in setunion(var.notification_channels.page, var.notification_channels.ticket) : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", channel))])
    error_message = "notification_channels must be full names: projects/PROJECT/notificationChannels/ID (gcloud beta monitoring channels list)."
  }
}

variable "notification_emails" {
  description = "Addresses that are written to, by severity."
  type = object({
    page   = optional(set(string), [])
    ticket = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for address in setunion(var.notification_emails.page, var.notification_emails.ticket) : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "notification_emails must be e-mail addresses."
  }
}

variable "prefix" {
  description = "What names begin with, such as cars-sales-my-project-prod."
  type        = string
  nullable    = false
}

variable "project_id" {
  description = "The Google Cloud project."
  type        = string
  nullable    = false
}

variable "repository_url" {
  description = "Where the files of this repository can be read, such as https://github.com/OWNER/NAME/blob/main. A notification links to its place in docs/runbook.md."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[^\\s]+[^/\\s]$", var.repository_url))
    error_message = "repository_url must begin with https:// and not end with a slash, such as https://github.com/OWNER/NAME/blob/main."
  }
}

variable "rules_file" {
  description = "The rules that become alert policies; null for deploy/prometheus/rules.yml."
  type        = string
  default     = null
}

variable "subscription" {
  description = "The subscription of the events, whose oldest unacknowledged message an objective is about."
  type        = string
  nullable    = false
}
