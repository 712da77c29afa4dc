// Writes names and texts into DuckDB's SQL, and names the schema that this server adds to the file.

/** The schema that holds what DuckDB has no place for: the resources as the API returns them. */
export const METADATA_SCHEMA = '_bigquery'

/** A name as a DuckDB identifier. */
export const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`

/** A text as a DuckDB string literal. */
export const quoteLiteral = (text: string) => `'${text.replaceAll("'", "''")}'`
