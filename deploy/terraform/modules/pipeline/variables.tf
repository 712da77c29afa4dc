# What an environment decides. The modules that use a value say what it may be.

variable "bigquery_location" {
  description = "Where BigQuery keeps the tables: EU, US or a region. It cannot be changed later."
  type        = string
  default     = "EU"
  nullable    = false
}

variable "bridge" {
  description = "The bridge: instances (2 or more), cpu, memory, and further variables (environment)."
  type = object({
    instances   = optional(number, 2)
    cpu         = optional(string, "1")
    memory      = optional(string, "512Mi")
    environment = optional(map(string), {})
  })
  default  = {}
  nullable = false
}

variable "codec_server" {
  description = "Who may use the codec server (members), and from which pages (origins); null for none."
  type = object({
    members = set(string)
    origins = optional(list(string), ["https://cloud.temporal.io"])
  })
  default = null
}

variable "environment" {
  description = "The environment: dev, prod or another short name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,5}$", var.environment))
    error_message = "environment must be 2 to 6 of a-z and 0-9: the ids of service accounts have 30 characters at most."
  }
}

variable "event_retention_days" {
  description = "Days that the topic of events keeps what was published, so that a subscription can be set back; 0 for not at all."
  type        = number
  default     = 0
  nullable    = false
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
  nullable    = false
}

variable "has_metrics" {
  description = "Whether the first events have been processed: only then are objectives (SLOs) made."
  type        = bool
  default     = false
  nullable    = false
}

variable "image" {
  description = "The image that the processes run, by digest or by a tag of its own; null until one has been pushed."
  type        = string
  default     = null
}

variable "is_protected" {
  description = "Whether Terraform refuses to delete topics, subscriptions, tables, secrets and what runs."
  type        = bool
  default     = true
  nullable    = false
}

variable "kubernetes_namespace" {
  description = "The namespace of deploy/k8s, where the processes run on Kubernetes; null for Cloud Run alone."
  type        = string
  default     = null
}

variable "labels" {
  description = "Further labels of everything that takes labels."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "log_level" {
  description = "How much the processes log."
  type        = string
  default     = "info"
  nullable    = false
}

variable "message_schema" {
  description = "A schema that Pub/Sub holds every event to; null for none."
  type = object({
    type       = string
    definition = string
    encoding   = optional(string, "JSON")
  })
  default = null
}

variable "metrics_collector_image" {
  description = "The collector that sends metrics to Managed Service for Prometheus; null for none."
  type        = string
  default     = "us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:1.8.0"
}

variable "network" {
  description = "The VPC network and subnetwork in which a self-hosted Temporal is; null for none."
  type = object({
    network    = string
    subnetwork = string
  })
  default = null
}

variable "notification_channels" {
  description = "Notification channels that there are already, by severity: page and ticket."
  type = object({
    page   = optional(set(string), [])
    ticket = optional(set(string), [])
  })
  default  = {}
  nullable = false
}

variable "notification_emails" {
  description = "Addresses that are written to, by severity: page and ticket."
  type = object({
    page   = optional(set(string), [])
    ticket = optional(set(string), [])
  })
  default  = {}
  nullable = false
}

variable "operators" {
  description = "People who run the commands, such as group:data-operators@example.com."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "prefix" {
  description = "What names begin with; null for cars-sales-PROJECT-ENVIRONMENT. A longer project id than 20 characters needs a shorter one."
  type        = string
  default     = null
}

variable "project_id" {
  description = "The Google Cloud project: one for each environment, since the dataset is called streaming in each."
  type        = string
  nullable    = false
}

variable "project_number" {
  description = "The number of the project: gcloud projects describe PROJECT --format='value(projectNumber)'."
  type        = string
  nullable    = false
}

variable "publishers" {
  description = "Who may publish events."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "raw_log_retention_days" {
  description = "Days that a second record of every message is kept, which Pub/Sub writes into BigQuery by itself; null for no such record. `npm run erase` does not reach it."
  type        = number
  default     = null
}

variable "region" {
  description = "Where the processes run and secrets are kept, such as europe-west1."
  type        = string
  nullable    = false
}

variable "repository_url" {
  description = "Where the files of this repository can be read, such as https://github.com/OWNER/NAME/blob/main: notifications link to the runbook."
  type        = string
  nullable    = false
}

variable "secret_versions" {
  description = "The version of each secret that the processes read, by number; a secret that is not used is left out."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "segment" {
  description = "The workspace of Segment: hosts of its region, the client, and what message ids begin with."
  type = object({
    host              = optional(string, "https://api.segment.io")
    public_api_host   = optional(string, "https://api.segmentapis.com")
    client            = optional(string, "sdk")
    message_namespace = optional(string, "car-events")
  })
  default  = {}
  nullable = false
}

variable "storage_regions" {
  description = "The regions in which Pub/Sub may keep messages; empty for any."
  type        = list(string)
  default     = []
  nullable    = false
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
  nullable = false
}

variable "viewers" {
  description = "Who may read the tables, beside the operators. They hold personal data."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "worker" {
  description = "The worker: instances, cpu, memory, and further variables (environment)."
  type = object({
    instances   = optional(number, 2)
    cpu         = optional(string, "2")
    memory      = optional(string, "1Gi")
    environment = optional(map(string), {})
  })
  default  = {}
  nullable = false
}
