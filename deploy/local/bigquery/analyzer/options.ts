// The OPTIONS of DDL that BigQuery documents for datasets, tables, views and columns, with their types.

import { arrayOf, type SqlType } from './types.ts'

const scalar = (type_kind: string): SqlType => ({ type_kind })
const text = scalar('TYPE_STRING')
const pairOfTexts: SqlType = {
  type_kind: 'TYPE_STRUCT',
  struct_type: {
    field: [
      { field_name: '', field_type: text },
      { field_name: '', field_type: text },
    ],
  },
}

const TYPES: readonly (readonly [SqlType, string])[] = [
  [
    text,
    `default_kms_key_name default_rounding_mode description failover_reservation file_format friendly_name
     kms_key_name location primary_replica privacy_policy rounding_mode storage_billing_model storage_uri table_format`,
  ],
  [
    scalar('TYPE_BOOL'),
    `enable_change_history enable_fine_grained_mutations is_case_insensitive is_primary require_partition_filter`,
  ],
  [
    scalar('TYPE_DOUBLE'),
    'default_partition_expiration_days default_table_expiration_days partition_expiration_days',
  ],
  [scalar('TYPE_INT64'), 'max_time_travel_hours'],
  [scalar('TYPE_TIMESTAMP'), 'expiration_timestamp'],
  [scalar('TYPE_INTERVAL'), 'max_staleness'],
  [arrayOf(text), 'data_policies policy_tags'],
  [arrayOf(pairOfTexts), 'labels tags'],
]

/** GoogleSQL's AllowedHintsAndOptionsProto: the analyzer refuses another option, and a value of another type. */
export const allowedOptions = {
  disallow_unknown_options: true,
  disallow_duplicate_option_names: true,
  option: TYPES.flatMap(([type, names]) => names.split(/\s+/).map((name) => ({ name, type }))),
}
