// Parses the text of a partner registry. Every problem is named with its line and its key.

import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { readKeys } from './keys.ts'
import { type Registry, registrySchema, toRegistry } from './settings.ts'

export type ParsedRegistry =
  | { readonly ok: true; readonly registry: Registry }
  /** For example `line 7: partners.dealer-7.default_country must be …`. */
  | { readonly ok: false; readonly problems: readonly string[] }

type Document = ReturnType<typeof parseDocument>

/** The parser of YAML takes memory without bound for a line of a hundred thousand characters of one kind. */
const MAX_LINE = 2_000

/** @param text YAML 1.2; an empty one is a registry without partners. Never throws. */
export function parseRegistry(text: string): ParsedRegistry {
  const long = text.split('\n').findIndex((line) => line.length > MAX_LINE)
  if (long !== -1) return { ok: false, problems: [`line ${long + 1}: ${LINE_TOO_LONG}`] }
  const lines = new LineCounter()
  // The parser's own check of the keys compares each with all others.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false }
  const document = parseDocument(text, options)
  const faults = [...document.errors, ...document.warnings].slice(0, MAX_FAULTS)
  const found = faults.length > 0 ? faults.map(toProblem) : readKeys(document.contents)
  if (found.length > 0) {
    const problems = found.map(({ offset, what }) => `line ${lines.linePos(offset).line}: ${what}`)
    return { ok: false, problems }
  }
  const value = valueOf(document)
  if (value === undefined) return { ok: false, problems: [TOO_MANY_ALIASES] }
  const parsed = registrySchema.safeParse(value)
  if (parsed.success) return { ok: true, registry: toRegistry(parsed.data) }
  return { ok: false, problems: problemsOf(parsed.error.issues, document, lines) }
}

/** A person corrects the first and tries again; a file that is no YAML has one for each character. */
const MAX_FAULTS = 20

const toProblem = ({ pos, message }: Document['errors'][number]) => ({
  offset: pos[0],
  what: message,
})

const LINE_TOO_LONG = `it has more than ${MAX_LINE} characters: shorten it`

const TOO_MANY_ALIASES =
  'the file uses aliases (*name) too often, or one that is not defined: write the fields out'

/** Undefined where the aliases of a small file would expand to the size of the memory. */
function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch {
    return undefined
  }
}

function problemsOf(issues: readonly z.core.$ZodIssue[], document: Document, lines: LineCounter) {
  const found = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => problemAt([...issue.path, key], UNKNOWN, document, lines))
      : [problemAt(issue.path, issue.message, document, lines)],
  )
  return [...new Set(found)]
}

const UNKNOWN = 'is no field of the registry: see partners.example.yaml'

function problemAt(
  path: readonly PropertyKey[],
  message: string,
  document: Document,
  lines: LineCounter,
): string {
  const name = path.map(String).join('.') || 'the file'
  const offset = offsetOf(path.map(String), document)
  const line = offset === undefined ? '' : `line ${lines.linePos(offset).line}: `
  return `${line}${name} ${message}`
}

/** Where the key stands that the path ends with. */
function offsetOf(path: readonly string[], document: Document): number | undefined {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const name of path) {
    if (!isMap(node)) return offset
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name)
    if (!pair) return offset
    offset = isScalar(pair.key) ? pair.key.range?.[0] : offset
    node = pair.value
  }
  return offset
}
