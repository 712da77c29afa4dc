variable "editors" {
  description = "Who may write the tables, by a name of one's own: the account of the worker."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "is_protected" {
  description = "Whether Terraform refuses to delete tables, and a dataset that has tables."
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

variable "location" {
  description = "Where BigQuery keeps the dataset: EU, US or a region. It cannot be changed later."
  type        = string
  default     = "EU"
  nullable    = false

  validation {
    condition     = can(regex("^(EU|US|[a-z]+-[a-z]+[0-9]+)$", var.location))
    error_message = "location must be EU, US or a region such as europe-west1."
  }
}

variable "project_id" {
  description = "The Google Cloud project."
  type        = string
  nullable    = false
}

variable "viewers" {
  description = "Who may read the tables, such as group:analysts@example.com. They hold personal data."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.viewers : can(regex("^(user|group|serviceAccount):.+@.+|^principal(Set)?://.+", member))])
    error_message = "viewers must be user:, group: or serviceAccount: with an address, or principal:// or principalSet://: never everybody."
  }
}
