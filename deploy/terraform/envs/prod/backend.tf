# The bucket is made by hand, before the first init: terraform init -backend-config=bucket=NAME
terraform {
  backend "gcs" {
    prefix = "car-events/prod"
  }
}
