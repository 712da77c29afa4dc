// BYTES: what is done to them is done to a text whose characters are the bytes.

import type { SqlType } from '../../analyzer/types.ts'
import { elementOf, kindOf } from '../types.ts'
import { type Rule, type Rules, ruleSql } from './rule.ts'
import { STRING_FUNCTIONS } from './strings.ts'

const isBytes = (type: SqlType | undefined) => type !== undefined && kindOf(type) === 'BYTES'

/** The rule of texts for BYTES. */
const asText =
  (rule: Rule): Rule =>
  (call) => {
    const args = call.args.map((arg, i) =>
      isBytes(call.nodes[i]?.type) ? `gs_latin1(${arg})` : arg,
    )
    return bytesOf(ruleSql(rule, { ...call, args }), call.type)
  }

function bytesOf(text: string, type: SqlType) {
  if (isBytes(type)) return `gs_from_latin1(${text})`
  if (kindOf(type) === 'ARRAY' && isBytes(elementOf(type)))
    return `list_transform(${text}, lambda e: gs_from_latin1(e))`
  return text
}

/** The functions of which BYTES have the same as STRING. */
const SHARED =
  'substr substring replace repeat lpad rpad starts_with ends_with strpos instr left right split trim ltrim rtrim translate to_code_points regexp_contains'

const shared = SHARED.split(' ').map((name): readonly [string, Rule] => {
  const rule = STRING_FUNCTIONS[`${name}:STRING`]
  if (rule === undefined) throw new Error(`there is no rule for ${name} of STRING`)
  return [`${name}:BYTES`, asText(rule)]
})

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const SMALL = CAPITALS.toLowerCase()

/** Of BYTES, the letters of ASCII alone have another case. */
const inCase = (from: string, to: string) => asText(`translate($1, '${from}', '${to}')`)

export const BYTES_FUNCTIONS: Rules = {
  ...Object.fromEntries(shared),
  'upper:BYTES': inCase(SMALL, CAPITALS),
  'lower:BYTES': inCase(CAPITALS, SMALL),
  'reverse:BYTES': asText(`array_to_string(list_reverse(string_split($1, '')), '')`),
  code_points_to_bytes: 'gs_bytes_of($1)',
  'farm_fingerprint:BYTES': 'gs_farm_fingerprint($1)',
  'farm_fingerprint:STRING': 'gs_farm_fingerprint(encode($1))',
  'sha512:BYTES': 'gs_sha512($1)',
  'sha512:STRING': 'gs_sha512(encode($1))',
  to_base32: 'gs_to_base32($1)',
  from_base32: 'gs_from_base32($1)',
}
