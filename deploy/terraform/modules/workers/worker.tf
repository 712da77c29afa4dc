locals {
  worker = {
    args      = ["workers/main.ts"]
    instances = var.worker.instances
    limits    = { cpu = var.worker.cpu, memory = var.worker.memory }
    environment = merge(
      local.temporal_environment, local.service_environment, local.worker_environment,
      var.changes_topic == null ? {} : { CHANGE_EVENTS_TOPIC = var.changes_topic },
      var.worker.environment,
    )
  }
}
