// Words DuckDB's complaints about a query as BigQuery would.

import { ApiError, invalidQuery, messageOf } from '../values/errors.ts'

/** The ApiError for whatever DuckDB threw while it ran `query`. */
export function fromDuckDb(error: unknown, query: string, project: string): ApiError {
  const message = messageOf(error)
  const missing =
    /(?:Table|View) with name (\S+) does not exist|Catalog "([^"]+)" does not exist/.exec(message)
  if (missing?.[1]) return missingTable(missing[1], query, project)
  if (missing?.[2]) return new ApiError(404, 'notFound', `Not found: Project ${missing[2]}`)
  if (message.startsWith('Out of Memory')) return new ApiError(400, 'resourcesExceeded', message)
  if (/^(IO|INTERNAL|FATAL) Error/.test(message)) return new ApiError(500, 'internalError', message)
  return invalidQuery(message.split('\n\nLINE')[0] ?? message)
}

// DuckDB tells the last part of the name only: the rest is read from the query.
function missingTable(name: string, query: string, project: string) {
  // oxlint-disable-next-line no-restricted-globals -- it reads the SQL of whoever runs this local server
  const path = new RegExp(
    `([\\w.\`-]+\\.)?\`?${name.replace(/\W/g, '\\$&')}\`?(?![\\w.])`,
    'i',
  ).exec(query)
  const names = (path?.[0] ?? name).replaceAll('`', '').split('.')
  if (names.length === 1)
    return invalidQuery(`Table "${name}" must be qualified with a dataset (e.g. dataset.table).`)
  const [table, dataset] = names.toReversed()
  return new ApiError(
    404,
    'notFound',
    `Not found: Table ${project}:${dataset}.${table} was not found in location US`,
  )
}
