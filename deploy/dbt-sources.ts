// The sources of the dbt project: every table and view of the dataset, as the contracts define them.

import { stringify } from 'yaml'
import { type Column, DATASET, TABLES, VIEWS } from '#contracts'

const HEADER = '# Made by `npm run generate` from contracts/tables.ts and contracts/views.ts.\n'

/** The tables whose age says whether the pipeline works: partners publish at all hours, purchases less than all messages. */
const FRESHNESS: Readonly<Record<string, object>> = {
  audit_log: freshness({ count: 15, period: 'minute' }, { count: 1, period: 'hour' }),
  staging_purchase: freshness({ count: 1, period: 'hour' }, { count: 6, period: 'hour' }),
}

/** @returns the text of `_streaming__sources.yml` */
export function dbtSources(): string {
  const tables = [
    ...TABLES.map(({ name, description, columns }) => ({
      name,
      description,
      ...(FRESHNESS[name] && { config: FRESHNESS[name] }),
      columns: columns.map(sourceColumn),
    })),
    ...VIEWS.map(({ name, description }) => ({ name, description })),
  ]
  const description = 'What the pipeline writes: see contracts/tables.ts.'
  const sources = [{ name: DATASET, description, tables }]
  return HEADER + stringify({ version: 2, sources }, { lineWidth: 0 })
}

function sourceColumn({ name, type, mode, description }: Column) {
  return {
    name,
    data_type: mode === 'REPEATED' ? `array<${typeName(type)}>` : typeName(type),
    description,
  }
}

/** In GoogleSQL two types of the REST API have other names. */
function typeName(type: Column['type']): string {
  if (type === 'INTEGER') return 'int64'
  return type === 'BOOLEAN' ? 'bool' : type.toLowerCase()
}

type Age = { readonly count: number; readonly period: 'minute' | 'hour' }

/** Only the partitions of the last two days are read: what is older is an error anyway. */
function freshness(warnAfter: Age, errorAfter: Age) {
  return {
    loaded_at_field: 'ingested_at',
    freshness: {
      warn_after: warnAfter,
      error_after: errorAfter,
      filter: 'publish_time >= timestamp_sub(current_timestamp(), interval 2 day)',
    },
  }
}
