variable "event_retention_days" {
  description = "How long the topic of events keeps what was published, so that a subscription can be set back to an earlier time. 0 for not at all: the audit log has every message."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.event_retention_days == floor(var.event_retention_days) && var.event_retention_days >= 0 && var.event_retention_days <= 31
    error_message = "event_retention_days must be a whole number from 0 to 31: Pub/Sub keeps messages for 31 days at most."
  }
}

variable "has_change_events" {
  description = "Whether there is a topic of change events of orders, to which the worker publishes."
  type        = bool
  default     = false
  nullable    = false
}

variable "is_protected" {
  description = "Whether Terraform refuses to delete topics, subscriptions and tables."
  type        = bool
  default     = true
  nullable    = false
}

variable "labels" {
  description = "Labels of everything that takes labels."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "message_schema" {
  description = "A schema that Pub/Sub holds every event to; null for none, so that the pipeline itself rejects what breaks the contract, and keeps it."
  type = object({
    type       = string
    definition = string
    encoding   = optional(string, "JSON")
  })
  default = null

  validation {
    condition     = var.message_schema == null ? true : contains(["AVRO", "PROTOCOL_BUFFER"], var.message_schema.type)
    error_message = "message_schema.type must be AVRO or PROTOCOL_BUFFER."
  }
  validation {
    condition     = var.message_schema == null ? true : contains(["JSON", "BINARY"], var.message_schema.encoding)
    error_message = "message_schema.encoding must be JSON or BINARY."
  }
}

variable "operators" {
  description = "Who may publish to the retry topic and read the dead-letter topic, such as group:data-operators@example.com."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount):.+@.+|^principal(Set)?://.+", member))])
    error_message = "operators must be user:, group: or serviceAccount: with an address, or principal:// or principalSet://: never everybody."
  }
}

variable "prefix" {
  description = "What the name of each topic and subscription begins with, such as cars-sales-my-project-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,58}[a-z0-9]$", var.prefix))
    error_message = "prefix must be 3 to 60 of a-z, 0-9 and dash, begin with a letter, and not end with a dash."
  }
}

variable "project_id" {
  description = "The Google Cloud project."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be the id of a project, not its name or number: 6 to 30 of a-z, 0-9 and dash."
  }
}

variable "project_number" {
  description = "The number of the project, which the addresses of Google's own service accounts contain: gcloud projects describe PROJECT --format='value(projectNumber)'."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{6,20}$", var.project_number))
    error_message = "project_number must be digits only: gcloud projects describe PROJECT --format='value(projectNumber)'."
  }
}

variable "publishers" {
  description = "Who may publish events, such as serviceAccount:partner-gateway@other-project.iam.gserviceaccount.com."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.publishers : can(regex("^(user|group|serviceAccount):.+@.+|^principal(Set)?://.+", member))])
    error_message = "publishers must be user:, group: or serviceAccount: with an address, or principal:// or principalSet://: never everybody."
  }
}

variable "raw_log" {
  description = "Where Pub/Sub writes every message into BigQuery by itself, as a second record that is independent of the pipeline; null for nowhere. `npm run erase` does not reach it."
  type = object({
    location       = string
    retention_days = optional(number, 30)
  })
  default = null

  validation {
    condition     = var.raw_log == null ? true : var.raw_log.retention_days >= 1 && var.raw_log.retention_days <= 1825
    error_message = "raw_log.retention_days must be from 1 to 1825."
  }
}

variable "storage_regions" {
  description = "The regions in which Pub/Sub may keep messages, such as [\"europe-west1\"]; empty for any."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for region in var.storage_regions : can(regex("^[a-z]+-[a-z]+[0-9]+$", region))])
    error_message = "storage_regions must be regions such as europe-west1, not zones or multi-regions."
  }
}
