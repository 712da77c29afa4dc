// Google's client for the local BigQuery, and its rows as plain values.

import { BigQuery } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'
import type { Row } from './judge.ts'

export const clientOf = (url: string) =>
  new BigQuery({
    projectId: 'local',
    apiEndpoint: url,
    authClient: new PassThroughClient(),
    retryOptions: { autoRetry: false },
  })

export const plainRow = (row: object): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Buffer) return value.toString('base64')
  if (typeof value !== 'object' || value === null) return value === Infinity ? 'Infinity' : value
  if (value.constructor.name.startsWith('BigQuery') && 'value' in value) return value.value
  return value.constructor === Object ? plainRow(value) : JSON.parse(JSON.stringify(value))
}
