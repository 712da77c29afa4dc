// Expressions of the resolved tree, all but function calls.

import { notImplemented } from '../values/errors.ts'
import { quoteLiteral, quoteName } from '../values/names.ts'
import { aggregateSql } from './aggregates.ts'
import { callSql } from './calls.ts'
import { castSql } from './casts.ts'
import { literalSql } from './literals.ts'
import type { Translator } from './translator.ts'
import type { Expression, Subquery } from './tree.ts'
import { fieldsOf, typeSql } from './types.ts'

/** The SQL of an expression; 501 with the name of a function or form that is not supported. */
export function expressionSql(expression: Expression, translator: Translator): string {
  switch (expression.node) {
    case 'literal':
      return literalSql(expression.type, expression.value.value)
    case 'column_ref':
      return translator.name(expression.column)
    case 'parameter':
      return parameterSql(expression, translator)
    case 'function_call':
      return callSql(expression, translator)
    case 'aggregate_function_call':
      return aggregateSql(expression, translator)
    case 'cast':
      return castSql(expression, translator)
    case 'make_struct':
      return structSql(expression, translator)
    case 'get_struct_field':
      return `struct_extract_at(${translator.expression(expression.expr)}, ${Number(expression.field_idx) + 1})`
    case 'get_json_field':
      return `gs_json_field(${translator.expression(expression.expr)}, ${quoteLiteral(expression.field_name)})`
    case 'with_expr':
      return withSql(expression, translator)
    case 'subquery_expr':
      return subquerySql(expression, translator)
    case 'dmldefault':
      return 'DEFAULT'
    case 'analytic_function_call':
    default:
      throw notImplemented(`the expression ${expression.node.replaceAll('_', ' ')}`)
  }
}

type Of<Kind extends Expression['node']> = Extract<Expression, { readonly node: Kind }>

const parameterSql = ({ type, name, position }: Of<'parameter'>, translator: Translator) =>
  `CAST(${translator.parameter(name, Number(position))} AS ${typeSql(type)})`

function structSql({ type, field_list: values }: Of<'make_struct'>, translator: Translator) {
  const fields = fieldsOf(type).map(({ name, type: each }, i) => {
    const value = values[i]
    if (!value) throw new Error(`the field ${name} has no value`)
    return `${quoteName(name)} := CAST(${translator.expression(value)} AS ${typeSql(each)})`
  })
  if (fields.length === 0) throw notImplemented('a STRUCT without fields')
  return `struct_pack(${fields.join(', ')})`
}

function withSql({ assignment_list: assignments, expr }: Of<'with_expr'>, translator: Translator) {
  // Each assignment may read those before it.
  const from = assignments.reduce(
    (inner, { column, expr: value }) =>
      `(SELECT *, ${translator.expression(value)} AS ${translator.name(column)} FROM ${inner})`,
    '(SELECT 1)',
  )
  return `(SELECT ${translator.expression(expr)} FROM ${from})`
}

function subquerySql(expression: Subquery, translator: Translator) {
  const { subquery, subquery_type: kind, in_expr: operand } = expression
  const [column] = subquery.column_list
  const name = column ? translator.name(column) : '1'
  const select = `SELECT ${name} FROM (${translator.scan(subquery)})`
  if (kind === 'SCALAR') return `(${select})`
  if (kind === 'EXISTS') return `EXISTS (${select})`
  if (kind === 'ARRAY') return `ARRAY(${select})`
  if (kind === 'IN' && operand) return `(${translator.expression(operand)} IN (${select}))`
  throw notImplemented(`${kind.replaceAll('_', ' ')} with a subquery`)
}
