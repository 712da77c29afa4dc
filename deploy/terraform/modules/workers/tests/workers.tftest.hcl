# One run a promise. The provider is a mock: nothing is asked of Google.

mock_provider "google" {
  override_during = plan

  override_resource {
    target = google_service_account.process["bridge"]
    values = { email = "the-bridge@my-project.iam.gserviceaccount.com", name = "projects/my-project/serviceAccounts/the-bridge@my-project.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.process["worker"]
    values = { email = "the-worker@my-project.iam.gserviceaccount.com", name = "projects/my-project/serviceAccounts/the-worker@my-project.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.process["codec-server"]
    values = { email = "the-codec@my-project.iam.gserviceaccount.com", name = "projects/my-project/serviceAccounts/the-codec@my-project.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.deployer["plan"]
    values = { email = "the-plan@my-project.iam.gserviceaccount.com", name = "projects/my-project/serviceAccounts/the-plan@my-project.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_service_account.deployer["apply"]
    values = { email = "the-apply@my-project.iam.gserviceaccount.com", name = "projects/my-project/serviceAccounts/the-apply@my-project.iam.gserviceaccount.com" }
  }
  override_resource {
    target = google_iam_workload_identity_pool.github["github"]
    values = { name = "projects/123456789012/locations/global/workloadIdentityPools/github" }
  }
}

variables {
  account_prefix    = "cars-sales-test"
  bigquery_location = "EU"
  image             = "europe-west1-docker.pkg.dev/my-project/images/pipeline:v1.2.3"
  prefix            = "cars-sales-my-project-test"
  project_id        = "my-project"
  project_number    = "123456789012"
  region            = "europe-west1"
  secret_versions   = { payload_keys = "1", segment_write_key = "2", temporal_api_key = "3" }
  subscriptions     = { events = "s-events", retries = "s-retries", dead_letters = "s-dead" }
  temporal          = { address = "europe-west1.gcp.api.temporal.io:7233", namespace = "car-events.abcde" }
  topics            = { events = "t-events", retries = "t-retries", dead_letters = "t-dead" }
}

run "two_bridges_pull" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_worker_pool.pool["bridge"].scaling[0].manual_instance_count == 2 && google_cloud_run_v2_worker_pool.pool["bridge"].template[0].containers[0].args == tolist(["bridge/main.ts"])
    error_message = "There are not two bridges."
  }
  assert {
    condition     = google_cloud_run_v2_worker_pool.pool["worker"].template[0].containers[0].args == tolist(["workers/main.ts"])
    error_message = "The worker does not run workers/main.ts."
  }
}

run "names_begin_with_the_prefix" {
  command = plan

  assert {
    condition     = toset([for pool in google_cloud_run_v2_worker_pool.pool : pool.name]) == toset(["cars-sales-my-project-test-bridge", "cars-sales-my-project-test-worker"])
    error_message = "A worker pool has another name."
  }
  assert {
    condition     = alltrue([for name, account in google_service_account.process : account.account_id == "cars-sales-test-${name}" && length(account.account_id) <= 30])
    error_message = "A service account has another name, or one that is too long."
  }
}

run "each_process_has_an_account_of_its_own" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_worker_pool.pool["bridge"].template[0].service_account == "the-bridge@my-project.iam.gserviceaccount.com" && google_cloud_run_v2_worker_pool.pool["worker"].template[0].service_account == "the-worker@my-project.iam.gserviceaccount.com"
    error_message = "Two processes share an account."
  }
}

run "the_bridge_may_pull_and_dead_letter_and_nothing_else" {
  command = plan

  assert {
    condition     = toset([for each in google_pubsub_subscription_iam_member.bridge : "${each.role} ${each.subscription} ${each.member}"]) == toset(["roles/pubsub.subscriber s-events serviceAccount:the-bridge@my-project.iam.gserviceaccount.com", "roles/pubsub.subscriber s-retries serviceAccount:the-bridge@my-project.iam.gserviceaccount.com"])
    error_message = "The bridge pulls something else."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.bridge.topic == "t-dead" && google_pubsub_topic_iam_member.bridge.role == "roles/pubsub.publisher"
    error_message = "The bridge publishes somewhere else than to the dead-letter topic."
  }
  assert {
    condition     = toset([for each in google_project_iam_member.process : each.role if each.member == "serviceAccount:the-bridge@my-project.iam.gserviceaccount.com"]) == toset(["roles/monitoring.viewer", "roles/monitoring.metricWriter"])
    error_message = "The bridge has further roles in the project."
  }
}

run "the_worker_may_ask_bigquery_and_nothing_else_in_the_project" {
  command = plan

  assert {
    condition     = toset([for each in google_project_iam_member.process : each.role if each.member == "serviceAccount:the-worker@my-project.iam.gserviceaccount.com"]) == toset(["roles/bigquery.jobUser", "roles/monitoring.metricWriter"])
    error_message = "The worker has further roles in the project."
  }
  assert {
    condition     = length([for each in google_project_iam_member.process : each if each.member == "serviceAccount:the-codec@my-project.iam.gserviceaccount.com"]) == 0
    error_message = "The codec server has a role in the project."
  }
}

run "a_process_reads_its_own_secrets_only" {
  command = plan

  assert {
    condition     = toset([for key in keys(google_secret_manager_secret_iam_member.process) : key if startswith(key, "codec-server/")]) == toset(["codec-server/payload-keys"])
    error_message = "The codec server reads more than the payload keys."
  }
  assert {
    condition     = toset([for key in keys(google_secret_manager_secret_iam_member.process) : key if startswith(key, "bridge/")]) == toset(["bridge/payload-keys", "bridge/partners-yaml", "bridge/temporal-api-key"])
    error_message = "The bridge reads secrets of Segment."
  }
}

run "secrets_are_pinned_to_a_version" {
  command = plan

  assert {
    condition = {
      for env in google_cloud_run_v2_worker_pool.pool["worker"].template[0].containers[0].env : env.name => env.value_source[0].secret_key_ref[0].version if length(env.value_source) > 0
    } == { PAYLOAD_KEYS = "1", SEGMENT_WRITE_KEY = "2", TEMPORAL_API_KEY = "3" }
    error_message = "The worker reads other versions."
  }
}

run "secrets_that_are_not_given_are_not_read" {
  command = plan

  assert {
    condition     = length([for env in google_cloud_run_v2_worker_pool.pool["bridge"].template[0].containers[0].env : env.name if contains(["SEGMENT_WRITE_KEY", "PARTNERS_FILE", "ALERT_WEBHOOK_URL"], env.name)]) == 0
    error_message = "The bridge is given what it does not need."
  }
}

run "nothing_runs_before_there_is_an_image" {
  command = plan
  variables {
    image           = null
    secret_versions = {}
    codec_server    = { members = ["group:data-operators@example.com"] }
  }

  assert {
    condition     = length(google_cloud_run_v2_worker_pool.pool) == 0 && length(google_cloud_run_v2_service.codec_server) == 0 && google_artifact_registry_repository.images.format == "DOCKER"
    error_message = "The first apply would wait for an image that cannot be pushed yet."
  }
}

run "a_worker_without_a_write_key_is_refused" {
  command = plan
  variables {
    secret_versions = { payload_keys = "1", temporal_api_key = "3" }
  }
  expect_failures = [google_cloud_run_v2_worker_pool.pool["worker"]]
}

run "a_process_without_a_key_for_temporal_is_refused" {
  command = plan
  variables {
    secret_versions = { payload_keys = "1", segment_write_key = "2" }
  }
  expect_failures = [google_cloud_run_v2_worker_pool.pool["bridge"], google_cloud_run_v2_worker_pool.pool["worker"]]
}

run "a_codec_server_without_keys_is_refused" {
  command = plan
  variables {
    codec_server    = { members = ["group:data-operators@example.com"] }
    secret_versions = { segment_write_key = "2", temporal_api_key = "3" }
  }
  expect_failures = [google_cloud_run_v2_service.codec_server["codec"]]
}

run "temporal_takes_a_certificate_too" {
  command = plan
  variables {
    secret_versions = { segment_write_key = "2", temporal_tls_cert = "4", temporal_tls_key = "5" }
    temporal        = { address = "car-events.abcde.tmprl.cloud:7233", namespace = "car-events.abcde", authentication = "mtls" }
  }

  assert {
    condition = {
      for env in google_cloud_run_v2_worker_pool.pool["bridge"].template[0].containers[0].env : env.name => env.value_source[0].secret_key_ref[0].version if length(env.value_source) > 0
    } == { TEMPORAL_TLS_CLIENT_CERT_DATA = "4", TEMPORAL_TLS_CLIENT_KEY_DATA = "5" }
    error_message = "The certificate or its key is missing."
  }
  assert {
    condition     = !contains(keys(google_secret_manager_secret.secret), "temporal-api-key")
    error_message = "There is a secret that nothing uses."
  }
}

run "temporal_may_be_ones_own_in_a_private_network" {
  command = plan
  variables {
    network         = { network = "vpc", subnetwork = "subnet" }
    secret_versions = { segment_write_key = "2" }
    temporal        = { address = "10.0.0.5:7233", namespace = "default", authentication = "none" }
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.pool["worker"].template[0].vpc_access[0].network_interfaces[0].subnetwork == "subnet" && google_cloud_run_v2_worker_pool.pool["worker"].template[0].vpc_access[0].egress == "PRIVATE_RANGES_ONLY"
    error_message = "The worker does not reach the network."
  }
  assert {
    condition     = length([for env in google_cloud_run_v2_worker_pool.pool["worker"].template[0].containers[0].env : env.name if env.name == "TEMPORAL_TLS"]) == 0
    error_message = "A server without TLS would be asked for it."
  }
}

run "a_new_revision_must_be_ready_and_a_hung_one_is_restarted" {
  command = plan

  assert {
    condition = alltrue([
      for pool in google_cloud_run_v2_worker_pool.pool :
      pool.template[0].containers[0].startup_probe[0].http_get[0].path == "/readyz" && pool.template[0].containers[0].liveness_probe[0].http_get[0].path == "/livez"
    ])
    error_message = "A process is not probed."
  }
  assert {
    condition     = one([for each in google_cloud_run_v2_worker_pool.pool["worker"].template[0].containers[0].env : tonumber(each.value) if each.name == "WORKER_SHUTDOWN_GRACE_SECONDS"]) < 10
    error_message = "Cloud Run ends a worker after ten seconds, before its activities have ended."
  }
  assert {
    condition     = google_artifact_registry_repository.images.docker_config[0].immutable_tags
    error_message = "A tag may be moved under what runs."
  }
}

run "metrics_are_collected" {
  command = plan

  assert {
    condition     = alltrue([for pool in google_cloud_run_v2_worker_pool.pool : length(pool.template[0].containers) == 2 && strcontains(pool.template[0].containers[1].image, "gmp-sidecar")])
    error_message = "A process has no collector."
  }
}

run "what_is_known_of_partners_is_mounted" {
  command = plan
  variables {
    secret_versions = { partners_yaml = "7", segment_write_key = "2", temporal_api_key = "3" }
  }

  assert {
    condition = alltrue([
      for pool in google_cloud_run_v2_worker_pool.pool :
      pool.template[0].volumes[0].secret[0].items[0].version == "7" && pool.template[0].volumes[0].secret[0].items[0].path == "partners.yaml" &&
      pool.template[0].containers[0].volume_mounts[0].mount_path == "/etc/partners" &&
      anytrue([for env in pool.template[0].containers[0].env : env.name == "PARTNERS_FILE" && env.value == "/etc/partners/partners.yaml"])
    ])
    error_message = "A process does not read the partner registry."
  }
}

run "people_reach_the_codec_server_through_the_proxy_only" {
  command = plan
  variables {
    codec_server = { members = ["group:data-operators@example.com"] }
  }

  assert {
    condition     = google_cloud_run_v2_service.codec_server["codec"].iap_enabled && google_cloud_run_v2_service_iam_member.iap["codec"].member == "serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com"
    error_message = "Others than the proxy may call the codec server."
  }
  assert {
    condition     = [for each in google_iap_web_cloud_run_service_iam_member.person : "${each.role} ${each.member}"] == ["roles/iap.httpsResourceAccessor group:data-operators@example.com"] && google_iap_settings.codec_server["codec"].access_settings[0].cors_settings[0].allow_http_options
    error_message = "Others than those who are named come in, or the page of Temporal's UI may not ask."
  }
}

run "there_is_no_codec_server_unless_it_is_asked_for" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_service.codec_server) == 0 && output.codec_server_url == null
    error_message = "There is a codec server."
  }
}

run "only_this_repository_may_plan_and_only_its_releases_may_apply" {
  command = plan
  variables {
    github = { repository = "owner/name", repository_id = "4711", state_bucket = "state" }
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github["github"].attribute_condition == "assertion.repository == 'owner/name' && assertion.repository_id == '4711'"
    error_message = "Other repositories come in."
  }
  assert {
    condition     = google_iam_workload_identity_pool_provider.github["github"].attribute_mapping["attribute.may"] == "assertion.ref_type == 'tag' && assertion.ref.startsWith('refs/tags/v') ? 'apply' : 'plan'"
    error_message = "Something else than a release tag may apply."
  }
  assert {
    condition = {
      for name, each in google_service_account_iam_member.deployer : name => each.member
      } == {
      for name in ["plan", "apply"] : name => "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github/attribute.may/${name}"
    }
    error_message = "A workflow may act as the wrong account."
  }
  assert {
    condition     = toset([for each in google_project_iam_member.deployer : each.role if each.member == "serviceAccount:the-plan@my-project.iam.gserviceaccount.com"]) == toset(["roles/viewer", "roles/iam.securityReviewer"])
    error_message = "A pull request may change something."
  }
  assert {
    condition     = length([for each in google_project_iam_member.deployer : each if contains(["roles/owner", "roles/editor"], each.role)]) == 0
    error_message = "A release may do anything in the project."
  }
  assert {
    condition     = { for name, each in google_storage_bucket_iam_member.state : name => each.role } == { plan = "roles/storage.objectUser", apply = "roles/storage.admin" }
    error_message = "A workflow cannot read the state, or a release cannot read who may."
  }
}

run "github_may_do_nothing_unless_it_is_named" {
  command = plan

  assert {
    condition     = length(google_iam_workload_identity_pool.github) == 0 && length(google_service_account.deployer) == 0
    error_message = "There is a way in for GitHub."
  }
}

run "kubernetes_accounts_act_for_the_same_accounts" {
  command = plan
  variables {
    kubernetes_namespace = "car-events"
  }

  assert {
    condition     = google_service_account_iam_member.kubernetes["bridge"].member == "serviceAccount:my-project.svc.id.goog[car-events/bridge]" && google_service_account_iam_member.kubernetes["bridge"].role == "roles/iam.workloadIdentityUser"
    error_message = "The bridge on Kubernetes has no account."
  }
}

run "operators_may_ask_and_decrypt" {
  command = plan
  variables {
    operators = ["group:data-operators@example.com"]
  }

  assert {
    condition     = [for each in google_project_iam_member.operator : each.role] == ["roles/bigquery.jobUser"] && length(google_secret_manager_secret_iam_member.operator) == 1
    error_message = "An operator may do more, or less."
  }
}

run "what_runs_is_protected" {
  command = plan

  assert {
    condition     = alltrue([for pool in google_cloud_run_v2_worker_pool.pool : pool.deletion_protection]) && alltrue([for secret in google_secret_manager_secret.secret : secret.deletion_protection])
    error_message = "A destroy would delete what runs, or its secrets."
  }
}

run "the_worker_publishes_change_events_where_it_is_told_to" {
  command = plan
  variables {
    changes_topic = "t-changes"
  }

  assert {
    condition     = google_pubsub_topic_iam_member.worker[0].topic == "t-changes" && google_pubsub_topic_iam_member.worker[0].role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.worker[0].member == "serviceAccount:the-worker@my-project.iam.gserviceaccount.com"
    error_message = "The worker may not publish change events."
  }
  assert {
    condition     = anytrue([for env in google_cloud_run_v2_worker_pool.pool["worker"].template[0].containers[0].env : env.name == "CHANGE_EVENTS_TOPIC" && env.value == "t-changes"])
    error_message = "The worker is not told the topic."
  }
}

run "the_worker_publishes_nothing_unless_it_is_told_to" {
  command = plan

  assert {
    condition     = length(google_pubsub_topic_iam_member.worker) == 0 && length([for env in google_cloud_run_v2_worker_pool.pool["worker"].template[0].containers[0].env : env if env.name == "CHANGE_EVENTS_TOPIC"]) == 0
    error_message = "The worker publishes change events."
  }
}

run "account_prefix_is_validated" {
  command = plan
  variables {
    account_prefix = "cars-sales-production"
  }
  expect_failures = [var.account_prefix]
}

run "bridge_is_validated" {
  command = plan
  variables {
    bridge = { instances = 1 }
  }
  expect_failures = [var.bridge]
}

run "codec_server_members_are_validated" {
  command = plan
  variables {
    codec_server = { members = ["allUsers"] }
  }
  expect_failures = [var.codec_server]
}

run "codec_server_origins_are_validated" {
  command = plan
  variables {
    codec_server = { members = [], origins = ["https://cloud.temporal.io/"] }
  }
  expect_failures = [var.codec_server]
}

run "github_is_validated" {
  command = plan
  variables {
    github = { repository = "https://github.com/owner/name", repository_id = "4711", state_bucket = "state" }
  }
  expect_failures = [var.github]
}

run "image_is_validated_against_latest" {
  command = plan
  variables {
    image = "europe-west1-docker.pkg.dev/my-project/images/pipeline:latest"
  }
  expect_failures = [var.image]
}

run "image_is_validated_against_no_tag" {
  command = plan
  variables {
    image = "europe-west1-docker.pkg.dev/my-project/images/pipeline"
  }
  expect_failures = [var.image]
}

run "kubernetes_namespace_is_validated" {
  command = plan
  variables {
    kubernetes_namespace = "Car_Events"
  }
  expect_failures = [var.kubernetes_namespace]
}

run "log_level_is_validated" {
  command = plan
  variables {
    log_level = "verbose"
  }
  expect_failures = [var.log_level]
}

run "operators_are_validated" {
  command = plan
  variables {
    operators = ["data-operators@example.com"]
  }
  expect_failures = [var.operators]
}

run "prefix_is_validated" {
  command = plan
  variables {
    prefix = "cars-sales-a-project-with-a-long-name-prod"
  }
  expect_failures = [var.prefix]
}

run "region_is_validated" {
  command = plan
  variables {
    region = "europe-west1-b"
  }
  expect_failures = [var.region]
}

run "secret_versions_are_validated_against_latest" {
  command = plan
  variables {
    secret_versions = { payload_keys = "latest", segment_write_key = "2", temporal_api_key = "3" }
  }
  expect_failures = [var.secret_versions]
}

run "secret_versions_are_validated_against_unknown_names" {
  command = plan
  variables {
    secret_versions = { payload_key = "1", segment_write_key = "2", temporal_api_key = "3" }
  }
  expect_failures = [var.secret_versions]
}

run "segment_hosts_are_validated" {
  command = plan
  variables {
    segment = { host = "http://api.segment.io" }
  }
  expect_failures = [var.segment]
}

run "segment_client_is_validated" {
  command = plan
  variables {
    segment = { client = "grpc" }
  }
  expect_failures = [var.segment]
}

run "temporal_address_is_validated" {
  command = plan
  variables {
    temporal = { address = "https://cloud.temporal.io", namespace = "car-events.abcde" }
  }
  expect_failures = [var.temporal]
}

run "temporal_authentication_is_validated" {
  command = plan
  variables {
    temporal = { address = "10.0.0.5:7233", namespace = "default", authentication = "password" }
  }
  expect_failures = [var.temporal]
}

run "temporal_cloud_without_authentication_is_refused" {
  command = plan
  variables {
    temporal = { address = "europe-west1.gcp.api.temporal.io:7233", namespace = "car-events.abcde", authentication = "none" }
  }
  expect_failures = [var.temporal]
}

run "worker_is_validated" {
  command = plan
  variables {
    worker = { instances = 0 }
  }
  expect_failures = [var.worker]
}
