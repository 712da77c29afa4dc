// Arrays: their construction, their elements, and functions over all of them.

import { notImplemented } from '../../values/errors.ts'
import { kindOf, typeSql } from '../types.ts'
import { intervalOf, partOf } from './parts.ts'
import { literalText, type Rule, type Rules } from './rule.ts'

const distance =
  (name: string): Rule =>
  ({ args, nodes }) => {
    if (nodes.some(({ type }) => kindOf(type.array_type?.element_type ?? type) !== 'DOUBLE'))
      throw notImplemented('a distance of sparse vectors')
    return `${name}(${args.join(', ')})`
  }

export const ARRAY_FUNCTIONS: Rules = {
  cosine_distance: distance('gs_cosine_distance'),
  euclidean_distance: distance('gs_euclidean_distance'),
  $make_array: 'CAST([$*] AS $T)',
  $array_at_offset: 'gs_element($1, $2, $2 + 1)',
  $array_at_ordinal: 'gs_element($1, $2, $2)',
  $safe_array_at_offset: 'CASE WHEN $2 >= 0 THEN list_extract($1, gs_near($2) + 1) END',
  $safe_array_at_ordinal: 'CASE WHEN $2 > 0 THEN list_extract($1, $2) END',
  array_length: 'len($1)',
  array_concat: ({ args }) => {
    const nulls = args.map((array) => `${array} IS NULL`).join(' OR ')
    return `CASE WHEN ${nulls} THEN NULL ELSE ${args.reduce((a, b) => `list_concat(${a}, ${b})`)} END`
  },
  array_reverse: 'list_reverse($1)',
  array_first: 'gs_element($1, 0, 1)',
  array_last: 'gs_element($1, 0, len($1))',
  array_slice: 'gs_array_slice($1, $2, $3)',
  array_to_string: ({ args, nodes: [array, separator] }) => {
    const element = array?.type.array_type?.element_type
    if (element && kindOf(element) === 'BYTES') throw notImplemented('ARRAY_TO_STRING of BYTES')
    const varies = literalText(separator) === undefined
    return `gs_array_to_${varies ? 'varying' : 'string'}(${args.join(', ')})`
  },
  array_is_distinct:
    '(len($1) = len(list_distinct($1)) + CAST(len($1) > list_count($1) AS BIGINT))',
  generate_array: ({ args: [from, to, step], type }) => {
    const kind = kindOf(type.array_type?.element_type ?? type)
    if (kind === 'INT64') return `gs_generate_array(${[from, to, step ?? '1'].join(', ')})`
    return `gs_generate_numbers(${[from, to, step ?? '1'].join(', ')}, CAST(0 AS ${typeSql(type.array_type?.element_type ?? type)}))`
  },
  generate_date_array: ({ args: [from, to, count = '1'], nodes }) =>
    `gs_generate_dates(${from}, ${to}, ${intervalOf(count, partOf(nodes[3]))})`,
  generate_timestamp_array: ({ args: [from, to, count = '1'], nodes }) =>
    `gs_generate_timestamps(${from}, ${to}, ${intervalOf(count, partOf(nodes[3]))})`,
}
