import type { Json } from '../values/resources.ts'

/** A row of a file: its values by the names of their columns, or why the row cannot be read. */
export type FileRow = { readonly json: Json } | { readonly problem: string }
