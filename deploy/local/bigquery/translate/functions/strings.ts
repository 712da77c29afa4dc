// Strings and bytes.

import { invalidQuery, notImplemented } from '../../values/errors.ts'
import { kindOf } from '../types.ts'
import { type Call, each, literalText, type Rules } from './rule.ts'
import { withoutErrors } from './safe.ts'
import { formatted } from './text-formats.ts'

// DuckDB must be told which group of a regular expression to give: the first, or all of it.
function extracted(call: Call) {
  const {
    name,
    args: [text, pattern, ...rest],
    nodes,
  } = call
  const regex = literalText(nodes[1])
  if (regex === undefined) throw notImplemented(`${name.toUpperCase()} with a varying expression`)
  const groups = regex.match(/(?<!\\)\((?!\?(?!P?<))/g)?.length ?? 0
  if (groups > 1)
    throw invalidQuery(`Regular expression extraction has more than one capturing group: ${regex}`)
  if (rest.length === 0) return `gs_${name}(${text}, ${pattern}, ${groups})`
  return `gs_regexp_extract_at(${[text, pattern, groups, rest[0], rest[1] ?? '1'].join(', ')})`
}

/** Where a text has the match of an expression without groups; 0 where it has none. */
function found({
  args: [text, pattern, position = '1', occurrence = '1', end = '0'],
  nodes,
}: Call) {
  const regex = literalText(nodes[1])
  if (regex === undefined) throw notImplemented('REGEXP_INSTR with a varying expression')
  if (/(?<!\\)(?:\((?!\?)|\^|\\[bBA])/.test(regex))
    throw notImplemented('REGEXP_INSTR with a group, or a place in the text')
  if (matchesNothing(regex)) throw notImplemented('REGEXP_INSTR of a match that may be empty')
  return `gs_regexp_instr(${[text, pattern, position, occurrence, end].join(', ')})`
}

/** True also where that cannot be told. */
function matchesNothing(regex: string): boolean {
  try {
    // oxlint-disable-next-line eslint/no-restricted-globals -- the text that it is tried on is empty
    return new RegExp(regex, 'u').test('')
  } catch {
    return true
  }
}

// DuckDB refers to groups as GoogleSQL does, by a backslash and a digit.
const replaced = `regexp_replace($1, $2, $3, 'g')`

/** By the numbers that the analyzer gives them. */
const NORMAL_FORMS = `['NFC', 'NFKC', 'NFD', 'NFKD']`

export const STRING_FUNCTIONS: Rules = {
  'length:BYTES': 'octet_length($1)',
  length: 'length($1)',
  char_length: 'length($1)',
  'byte_length:BYTES': 'octet_length($1)',
  byte_length: 'strlen($1)',
  concat: ({ args }) => `(${args.join(' || ')})`,
  ...each('substr:STRING substring:STRING', ({ args: [text, ...places] }) => {
    const near = places.map((place) => `gs_near(${place})`)
    return `gs_substr(${[text, ...near].join(', ')})`
  }),
  ...each('lower upper', ({ name, args: [x], nodes: [node] }) => {
    if (node && kindOf(node.type) === 'BYTES')
      throw notImplemented(`${name.toUpperCase()} of BYTES`)
    // The capital of ß is two letters.
    return name === 'upper' ? `upper(replace(${x}, 'ß', 'SS'))` : `${name}(${x})`
  }),
  'trim:STRING': 'gs_trim($*)',
  'ltrim:STRING': 'gs_ltrim($*)',
  'rtrim:STRING': 'gs_rtrim($*)',
  'replace:STRING': 'gs_replace($1, $2, $3)',
  'reverse:STRING': 'reverse($1)',
  'repeat:STRING': 'gs_repeat($1, $2)',
  'lpad:STRING': 'gs_lpad($*)',
  'rpad:STRING': 'gs_rpad($*)',
  'starts_with:STRING': 'starts_with($1, $2)',
  'ends_with:STRING': 'ends_with($1, $2)',
  'strpos:STRING': 'strpos($1, $2)',
  'instr:STRING': ({ args: [text, part, position, occurrence = '1'] }) =>
    position === undefined
      ? `strpos(${text}, ${part})`
      : `gs_instr(${text}, ${part}, ${position}, ${occurrence})`,
  'left:STRING': 'gs_left($1, $2)',
  'right:STRING': 'gs_right($1, $2)',
  'split:STRING': 'gs_split($*)',
  'initcap:STRING': ({ args: [text, delimiters] }) =>
    delimiters === undefined ? `gs_initcap(${text})` : `gs_initcap_after(${text}, ${delimiters})`,
  'translate:STRING': 'translate($1, $2, $3)',
  'ascii:STRING': 'CAST(gs_ascii($1) AS BIGINT)',
  'unicode:STRING': "CAST(CASE WHEN $1 = '' THEN 0 ELSE unicode($1) END AS BIGINT)",
  chr: 'chr(CAST($1 AS INTEGER))',
  'to_code_points:STRING': `CAST(CASE WHEN $1 = '' THEN [] ELSE list_transform(string_split($1, ''), lambda e: unicode(e)) END AS BIGINT[])`,
  code_points_to_string: `array_to_string(list_transform($1, lambda e: chr(CAST(e AS INTEGER))), '')`,
  'normalize:STRING': ({ args: [text, form = '0'] }) =>
    `gs_normalize(${text}, ${NORMAL_FORMS}[CAST(${form} AS INTEGER) + 1])`,
  'soundex:STRING': 'gs_soundex($1)',
  format: formatted,
  'regexp_contains:STRING': 'regexp_matches($1, $2)',
  'regexp_replace:STRING': replaced,
  'regexp_extract:STRING': extracted,
  'regexp_substr:STRING': (call) => extracted({ ...call, name: 'regexp_extract' }),
  'regexp_extract_all:STRING': extracted,
  'regexp_instr:STRING': found,
  contains_substr: ({ args: [value, text], nodes: [node] }) => {
    if (node && kindOf(node.type) !== 'STRING')
      throw notImplemented(`CONTAINS_SUBSTR in ${kindOf(node.type)}`)
    return `contains(lower(nfc_normalize(${value})), lower(nfc_normalize(${text})))`
  },
  parse_numeric: 'gs_parse_numeric($1)',
  'net.host': 'gs_net_host($1)',
  to_hex: 'lower(hex($1))',
  from_hex: 'gs_from_hex($1)',
  to_base64: 'to_base64($1)',
  from_base64: 'gs_from_base64($1)',
  ...each('md5 sha1 sha256', ({ name, args: [x] }) => `unhex(${name}(${x}))`),
  safe_convert_bytes_to_string: (call) => withoutErrors(call, ([bytes]) => `decode(${bytes})`),
  'edit_distance:STRING': ({ args: [a, b, limit] }) =>
    limit === undefined
      ? `gs_edit_distance(${a}, ${b})`
      : `gs_least(gs_edit_distance(${a}, ${b}), ${limit})`,
}
