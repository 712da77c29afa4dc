// The look-up of orders as the workers have it, without its pause between two queries.

import type { BigQuery } from '@google-cloud/bigquery'
import { createReader } from '#warehouse/read'
import { readForActivities } from '#warehouse/read-for-activities'
import { createOrderLookUp, type LookUpOrders } from '../../activities/activation/order-look-up.ts'

export const lookUpOrdersIn = (bigquery: BigQuery): LookUpOrders =>
  createOrderLookUp(readForActivities(createReader(bigquery)), 0)
