# One run a promise. The provider is a mock; test/integration/deploy/terraform.test.ts applies this module to a real server.

mock_provider "google" {
  override_during = plan
}

variables {
  project_id = "my-project"
}

run "every_table_of_the_contract_is_made" {
  command = plan

  assert {
    condition     = toset(keys(google_bigquery_table.table)) == toset([for table in jsondecode(file("../../../../contracts/generated/tables.json")).tables : table.name])
    error_message = "The tables are ${join(", ", keys(google_bigquery_table.table))}."
  }
}

run "every_table_is_partitioned_by_day_and_clustered" {
  command = plan

  assert {
    condition     = alltrue([for each in google_bigquery_table.table : each.time_partitioning[0].type == "DAY" && each.time_partitioning[0].field != null && length(each.clustering) > 0])
    error_message = "A table is not partitioned by day, or not clustered."
  }
  assert {
    condition     = google_bigquery_table.table["staging_purchase"].time_partitioning[0].field == "publish_time" && google_bigquery_table.table["staging_purchase"].clustering == tolist(["partner_id", "order_id"])
    error_message = "Purchases are laid out by something else than their publication, partner and order."
  }
}

run "every_view_is_made_after_what_it_reads" {
  command = plan

  assert {
    condition     = toset(concat(keys(google_bigquery_table.view), keys(google_bigquery_table.view_of_views))) == toset([for view in jsondecode(file("../../../../contracts/generated/tables.json")).views : view.name])
    error_message = "The views are ${join(", ", concat(keys(google_bigquery_table.view), keys(google_bigquery_table.view_of_views)))}."
  }
  assert {
    condition     = contains(keys(google_bigquery_table.view_of_views), "reconciliation") && contains(keys(google_bigquery_table.view), "acknowledged")
    error_message = "The view reconciliation reads the view acknowledged, which would not be there yet."
  }
  assert {
    condition     = alltrue([for each in merge(google_bigquery_table.view, google_bigquery_table.view_of_views) : !each.view[0].use_legacy_sql])
    error_message = "A view is in legacy SQL."
  }
}

run "the_worker_writes_and_viewers_read" {
  command = plan
  variables {
    editors = { worker = "serviceAccount:worker@my-project.iam.gserviceaccount.com" }
    viewers = ["group:analysts@example.com"]
  }

  assert {
    condition     = [for each in google_bigquery_dataset_iam_member.editor : "${each.role} ${each.member}"] == ["roles/bigquery.dataEditor serviceAccount:worker@my-project.iam.gserviceaccount.com"]
    error_message = "The worker cannot write, or others can."
  }
  assert {
    condition     = [for each in google_bigquery_dataset_iam_member.viewer : "${each.role} ${each.member}"] == ["roles/bigquery.dataViewer group:analysts@example.com"]
    error_message = "Viewers may do more than read."
  }
}

run "nobody_has_access_unless_named" {
  command = plan

  assert {
    condition     = length(google_bigquery_dataset_iam_member.editor) == 0 && length(google_bigquery_dataset_iam_member.viewer) == 0
    error_message = "Somebody has access who was not named."
  }
}

run "tables_are_protected" {
  command = plan

  assert {
    condition     = alltrue([for each in google_bigquery_table.table : each.deletion_protection]) && !google_bigquery_dataset.streaming.delete_contents_on_destroy
    error_message = "A destroy would delete rows."
  }
}

run "location_is_validated" {
  command = plan
  variables {
    location = "Europe"
  }
  expect_failures = [var.location]
}

run "viewers_are_validated" {
  command = plan
  variables {
    viewers = ["allUsers"]
  }
  expect_failures = [var.viewers]
}
