locals {
  bridge = {
    args      = ["bridge/main.ts"]
    instances = var.bridge.instances
    limits    = { cpu = var.bridge.cpu, memory = var.bridge.memory }
    environment = merge(
      local.temporal_environment, local.service_environment, local.bridge_environment, var.bridge.environment,
    )
  }
}
