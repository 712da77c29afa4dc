# What differs between two installations of this environment. Everything else stands in main.tf.

variable "codec_server_members" {
  description = "Who may use the codec server, such as group:data-operators@example.com; empty for no codec server."
  type        = set(string)
  default     = []
}

variable "github" {
  description = "The repository whose workflows deploy, its number, and the bucket of the state; null for none."
  type = object({
    repository    = string
    repository_id = string
    state_bucket  = string
  })
  default = null
}

variable "has_change_events" {
  description = "Whether there is a topic of change events of orders, to which the worker publishes."
  type        = bool
  default     = false
}

variable "has_metrics" {
  description = "Whether the first events have been processed: only then are objectives (SLOs) made."
  type        = bool
  default     = false
}

variable "image" {
  description = "The image that the processes run, by digest or by a tag of its own; null until one has been pushed."
  type        = string
  default     = null
}

variable "kubernetes_namespace" {
  description = "The namespace of deploy/k8s, whose service accounts act for those of the processes; null for Cloud Run alone."
  type        = string
  default     = null
}

variable "notification_emails" {
  description = "Addresses that are written to, by severity: page and ticket."
  type = object({
    page   = optional(set(string), [])
    ticket = optional(set(string), [])
  })
  default = {}
}

variable "operators" {
  description = "People who run the commands, such as group:data-operators@example.com."
  type        = set(string)
  default     = []
}

variable "project_id" {
  description = "The Google Cloud project."
  type        = string
}

variable "project_number" {
  description = "The number of the project: gcloud projects describe PROJECT --format='value(projectNumber)'."
  type        = string
}

variable "publishers" {
  description = "Who may publish events."
  type        = set(string)
  default     = []
}

variable "raw_log_retention_days" {
  description = "Days that a second record of every message is kept, which Pub/Sub writes into BigQuery by itself; null for none. `npm run erase` does not reach it."
  type        = number
  default     = null
}

variable "region" {
  description = "Where the processes run and secrets are kept."
  type        = string
  default     = "europe-west1"
}

variable "repository_url" {
  description = "Where the files of this repository can be read, such as https://github.com/OWNER/NAME/blob/main."
  type        = string
}

variable "secret_versions" {
  description = "The version of each secret that the processes read, by number."
  type        = map(string)
  default     = {}
}

variable "temporal" {
  description = "Temporal Cloud or a server of one's own: address, namespace, and authentication (api_key, mtls or none)."
  type = object({
    address        = string
    namespace      = string
    authentication = optional(string, "api_key")
    server_name    = optional(string, "")
    task_queue     = optional(string, "events")
  })
}
