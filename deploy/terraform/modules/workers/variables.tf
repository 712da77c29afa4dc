variable "account_prefix" {
  description = "What the ids of the service accounts begin with. An id has 30 characters at most, and its address names the project anyway: cars-sales-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}[a-z0-9]$", var.account_prefix))
    error_message = "account_prefix must be 3 to 17 of a-z, 0-9 and dash: with -codec-server behind it, the id of a service account may have 30 characters."
  }
}

variable "bigquery_location" {
  description = "Where the dataset is, which queries must name."
  type        = string
  nullable    = false
}

variable "bridge" {
  description = "The bridge: instances, their size, and further variables of runtime/config.ts such as BRIDGE_LINGER_MS."
  type = object({
    instances   = optional(number, 2)
    cpu         = optional(string, "1")
    memory      = optional(string, "512Mi")
    environment = optional(map(string), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.bridge.instances >= 2 && var.bridge.instances == floor(var.bridge.instances)
    error_message = "bridge.instances must be 2 or more: where one ends, the other still pulls."
  }
}

variable "changes_topic" {
  description = "The topic of change events, to which the worker publishes; null for none."
  type        = string
  default     = null
}

variable "codec_server" {
  description = "Who may use the codec server, and the pages from which: the origins of Temporal's UI. null for no codec server."
  type = object({
    members = set(string)
    origins = optional(list(string), ["https://cloud.temporal.io"])
  })
  default = null

  validation {
    condition     = var.codec_server == null ? true : alltrue([for member in var.codec_server.members : can(regex("^(user|group|serviceAccount):.+@.+|^domain:.+", member))])
    error_message = "codec_server.members must be user:, group: or serviceAccount: with an address, or domain:. It shows what customers bought: never everybody."
  }
  validation {
    condition     = var.codec_server == null ? true : alltrue([for origin in var.codec_server.origins : can(regex("^https://[^\\s,/]+$", origin))])
    error_message = "codec_server.origins must be origins such as https://cloud.temporal.io, without a path."
  }
}

variable "github" {
  description = "The repository whose workflows deploy, as owner/name and its number (gh api repos/OWNER/NAME --jq .id), and the bucket of Terraform's state. null for none."
  type = object({
    repository    = string
    repository_id = string
    state_bucket  = string
  })
  default = null

  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github.repository)) && can(regex("^[0-9]+$", var.github.repository_id))
    error_message = "github.repository must be owner/name, and github.repository_id its number: gh api repos/OWNER/NAME --jq .id."
  }
}

variable "image" {
  description = "The image that bridge, worker and codec server run, by digest or by a tag of its own. null until one has been pushed: everything else is made, and nothing runs."
  type        = string
  default     = null

  validation {
    condition     = var.image == null ? true : can(regex("(@sha256:[0-9a-f]{64}|:[A-Za-z0-9][A-Za-z0-9._-]*)$", var.image)) && !endswith(coalesce(var.image, ":latest"), ":latest")
    error_message = "image must end with @sha256: and a digest, or with a tag that is not latest: what runs must be known, and must come back on a rollback."
  }
}

variable "is_protected" {
  description = "Whether Terraform refuses to delete what runs, and the secrets."
  type        = bool
  default     = true
  nullable    = false
}

variable "kubernetes_namespace" {
  description = "The namespace of deploy/k8s, where the processes run on Kubernetes instead: its service accounts may then act for these. null for Cloud Run alone."
  type        = string
  default     = null

  validation {
    condition     = var.kubernetes_namespace == null ? true : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.kubernetes_namespace))
    error_message = "kubernetes_namespace must be the name of a namespace: at most 63 of a-z, 0-9 and dash."
  }
}

variable "labels" {
  description = "Labels of everything that takes labels."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "log_level" {
  description = "How much the processes log."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["trace", "debug", "info", "warn", "error", "silent"], var.log_level)
    error_message = "log_level must be one of trace, debug, info, warn, error, silent."
  }
}

variable "metrics_collector_image" {
  description = "The collector that runs with each process and sends its metrics to Managed Service for Prometheus. null for none."
  type        = string
  default     = "us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:1.8.0"
}

variable "network" {
  description = "The VPC network in which a self-hosted Temporal is, for private addresses. null for none."
  type = object({
    network    = string
    subnetwork = string
  })
  default = null
}

variable "operators" {
  description = "People who run the commands, such as group:data-operators@example.com."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount):.+@.+|^principal(Set)?://.+", member))])
    error_message = "operators must be user:, group: or serviceAccount: with an address, or principal:// or principalSet://: never everybody."
  }
}

variable "prefix" {
  description = "What names begin with, such as cars-sales-my-project-prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,34}[a-z0-9]$", var.prefix))
    error_message = "prefix must be 3 to 36 of a-z, 0-9 and dash: with -codec-server behind it, a name of Cloud Run may have 49 characters."
  }
}

variable "project_id" {
  description = "The Google Cloud project."
  type        = string
  nullable    = false
}

variable "project_number" {
  description = "The number of the project."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Where the processes run and secrets are kept, such as europe-west1."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region such as europe-west1, not a zone or a multi-region."
  }
}

variable "secret_versions" {
  description = "The version of each secret that the processes read, by number; a secret that is not used is left out. A rotation is a new number."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "secret_versions must be numbers such as \"3\": latest would change under a process that runs, and would not come back on a rollback."
  }
  validation {
    condition = length(setsubtract(keys(var.secret_versions), [
      "alert_webhook_url", "partners_yaml", "payload_keys", "segment_public_api_token", "segment_write_key",
      "temporal_api_key", "temporal_tls_cert", "temporal_tls_key",
    ])) == 0
    error_message = "secret_versions has a name that is no secret: alert_webhook_url, partners_yaml, payload_keys, segment_public_api_token, segment_write_key, temporal_api_key, temporal_tls_cert or temporal_tls_key."
  }
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

  validation {
    condition     = startswith(var.segment.host, "https://") && startswith(var.segment.public_api_host, "https://")
    error_message = "segment.host and segment.public_api_host must begin with https://."
  }
  validation {
    condition     = contains(["sdk", "http"], var.segment.client)
    error_message = "segment.client must be sdk or http."
  }
}

variable "subscriptions" {
  description = "The names of the subscriptions, by role: the output of the module ingest."
  type        = map(string)
  nullable    = false
}

variable "temporal" {
  description = "Temporal Cloud or a server of one's own: its address, the namespace, and how the processes prove who they are."
  type = object({
    address        = string
    namespace      = string
    authentication = optional(string, "api_key")
    server_name    = optional(string, "")
    task_queue     = optional(string, "events")
  })
  nullable = false

  validation {
    condition     = can(regex("^[^:/\\s]+:[0-9]+$", var.temporal.address))
    error_message = "temporal.address must be host:port without a scheme, such as europe-west1.gcp.api.temporal.io:7233."
  }
  validation {
    condition     = contains(["api_key", "mtls", "none"], var.temporal.authentication)
    error_message = "temporal.authentication must be api_key, mtls or none; none is for a server of one's own within the network."
  }
  validation {
    condition     = var.temporal.authentication != "none" || !endswith(split(":", var.temporal.address)[0], ".temporal.io")
    error_message = "temporal.authentication must be api_key or mtls for Temporal Cloud."
  }
}

variable "topics" {
  description = "The names of the topics, by role: the output of the module ingest."
  type        = map(string)
  nullable    = false
}

variable "worker" {
  description = "The worker: instances, their size, and further variables of runtime/config.ts such as WORKER_MAX_ACTIVITIES."
  type = object({
    instances   = optional(number, 2)
    cpu         = optional(string, "2")
    memory      = optional(string, "1Gi")
    environment = optional(map(string), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.worker.instances >= 1 && var.worker.instances == floor(var.worker.instances)
    error_message = "worker.instances must be 1 or more: without a worker, nothing is processed."
  }
}
