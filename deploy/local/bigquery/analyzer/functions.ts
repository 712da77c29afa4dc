// Functions that BigQuery has and the open source of GoogleSQL lacks.

type Argument = {
  readonly kind: string
  readonly num_occurrences: number
  readonly type?: object
  readonly options?: object
}

// A declaration says how often an argument may stand, not how often it stands in a call.
const undetermined = { num_occurrences: -1 }

const typed = (type_kind: string): Argument => ({
  ...undetermined,
  kind: 'ARG_TYPE_FIXED',
  type: { type_kind },
})
const anyOf = (n: 1 | 2): Argument => ({ ...undetermined, kind: `ARG_TYPE_ANY_${n}` })
const optional = (argument: Argument, name: string): Argument => ({
  ...argument,
  options: { cardinality: 'OPTIONAL', argument_name: name, named_argument_kind: 'NAMED_ONLY' },
})

const declare = (name: string, mode: string, returns: Argument, takes: readonly Argument[]) => ({
  name_path: [name],
  group: 'BigQuery',
  mode,
  signature: [{ return_type: returns, argument: takes }],
})

/** Those that the local BigQuery runs, as GoogleSQL's FunctionProtos. */
export const declaredFunctions = [
  declare('max_by', 'AGGREGATE', anyOf(1), [anyOf(1), anyOf(2)]),
  declare('min_by', 'AGGREGATE', anyOf(1), [anyOf(1), anyOf(2)]),
  declare('contains_substr', 'SCALAR', typed('TYPE_BOOL'), [
    anyOf(1),
    typed('TYPE_STRING'),
    optional(typed('TYPE_STRING'), 'json_scope'),
  ]),
]

const notRun =
  /^(?:(?:ai|ml|obj)\.|(?:bag_of_words|appends|changes|dlp_\w+|external_object_transform|external_query|gap_fill|range_sessionize|search|st_regionstats|text_analyze|tf_idf|vector_search)$)/i

/**
 * The function that BigQuery has and neither the analyzer nor the local BigQuery knows, where that
 * is what the analyzer's message is about.
 */
export function unavailableFunction(message: string): string | undefined {
  const [, name] = /^(?:Table-valued function|Function) not found: ([\w.]+)/i.exec(message) ?? []
  return name !== undefined && notRun.test(name) ? name.toUpperCase() : undefined
}
