// The columns that several tables have of an event.

import { type Column, ingestedAt, nullable, required } from './columns.ts'

/** Where a row comes from. The publish time is the same on every retry, so duplicates share a partition. */
export const origin = [
  required('message_id', 'STRING', 'Pub/Sub message id.'),
  required('publish_time', 'TIMESTAMP', 'When Pub/Sub took the message.'),
  required('batch_id', 'STRING', 'Workflow id of the batch that carried it.'),
  ingestedAt,
]

export const identity = [
  required(
    'event_id',
    'STRING',
    "The partner's event id, or else derived from the contents of the event.",
  ),
  required('partner_id', 'STRING', 'Who published the event.'),
  required('type', 'STRING', 'purchase or cancellation.'),
  required('order_id', 'STRING', 'The order the event is about.'),
]

export const contentHash = nullable(
  'content_hash',
  'STRING',
  "Stands for the values of the contract's fields; null in rows of earlier versions.",
)

export const attribution = [
  nullable('currency', 'STRING', 'ISO 4217.'),
  nullable('email', 'STRING', 'As the partner sent it.'),
  nullable('phone', 'STRING', 'As the partner sent it.'),
  nullable('gclid', 'STRING', 'Google click id.'),
  nullable('gbraid', 'STRING', 'Google click id, app to web.'),
  nullable('wbraid', 'STRING', 'Google click id, web to app.'),
  nullable('consent', 'JSON', 'Category names and booleans.'),
]

export const car = [
  nullable('vehicle_vin', 'STRING', 'Vehicle identification number.'),
  nullable('vehicle_make', 'STRING', 'Make.'),
  nullable('vehicle_model', 'STRING', 'Model.'),
  nullable('vehicle_year', 'INTEGER', 'Model year.'),
]

export const staging = (...own: readonly Column[]): Column[] => [
  ...identity,
  required('customer_id', 'STRING', 'Who bought or cancelled.'),
  required('car_model', 'STRING', 'What was ordered.'),
  ...own,
  required('timestamp', 'TIMESTAMP', 'When it happened, by the partner.'),
  ...attribution,
  ...car,
  nullable('schema_version', 'STRING', 'Contract version the partner names.'),
  nullable('additional_properties', 'JSON', 'Fields the contract does not name.'),
  contentHash,
  ...origin,
]
