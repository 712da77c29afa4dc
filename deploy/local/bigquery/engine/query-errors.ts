// Words DuckDB's complaints about a query as BigQuery would.

import { ApiError, invalidQuery, messageOf } from '../values/errors.ts'

// DuckDB 1.5 has been seen, rarely, to read a text wrongly while rows are added to its table. It then keeps nothing of the query.
const MISREAD = 'detected in segment statistics update'

/**
 * Runs a query that changes nothing, and once more if DuckDB has read a text wrongly.
 * @throws what `query` throws, the second time at the latest
 */
export async function repeatIfMisread<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    if (!messageOf(error).includes(MISREAD)) throw error
    return query()
  }
}

/** The ApiError for whatever DuckDB threw while it ran `query`. */
export function fromDuckDb(error: unknown, query: string, project: string): ApiError {
  const message = messageOf(error)
  const missing =
    /(?:Table|View) with name (\S+) does not exist|Catalog "([^"]+)" does not exist/.exec(message)
  if (missing?.[1]) return missingTable(missing[1], query, project)
  if (missing?.[2]) return new ApiError(404, 'notFound', `Not found: Project ${missing[2]}`)
  if (message.startsWith('Out of Memory')) return new ApiError(400, 'resourcesExceeded', message)
  if (/^(IO|INTERNAL|FATAL) Error/.test(message) || message.includes(MISREAD))
    return new ApiError(500, 'internalError', message)
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
