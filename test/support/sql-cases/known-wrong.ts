// The cases of test/fixtures/sql-cases.json that the local BigQuery still answers wrongly. It stays empty.

export const knownWrong: ReadonlySet<string> = new Set([])
