// The columns of a resolved DDL statement, as fields of a table's schema.

import { fieldOf, type SqlType } from '../analyzer/types.ts'
import { notImplemented } from '../values/errors.ts'
import type { FieldSchema } from '../values/resources.ts'
import type { Annotations, ColumnDefinition, OptionNode, TypeParameters } from './ddl-tree.ts'
import { literalText } from './functions/rule.ts'
import { kindOf } from './types.ts'

/** The column's field; 501 with the name of a property that no column has here. */
export function columnField(definition: ColumnDefinition): FieldSchema {
  const { name, type, annotations, default_value: value, generated_column_info: made } = definition
  if (made) throw notImplemented('generated columns')
  return {
    ...annotated(fieldOf(name, type), type, annotations),
    ...(value && { defaultValueExpression: value.sql }),
  }
}

function annotated(field: FieldSchema, type: SqlType, annotations: Annotations = {}): FieldSchema {
  const element = type.array_type?.element_type
  const { not_null: isRequired, child_list: children = [], option_list: options = [] } = annotations
  refuse(annotations, type)
  const fields = element
    ? annotated(field, element, children[0]).fields
    : field.fields?.map((inner, i) => annotated(inner, innerType(type, i), children[i]))
  return {
    ...field,
    ...(fields && { fields }),
    ...(isRequired && { mode: 'REQUIRED' }),
    ...columnOptions(options),
  }
}

function innerType(type: SqlType, i: number): SqlType {
  const inner = type.struct_type?.field?.[i]?.field_type
  if (!inner) throw new Error(`the STRUCT has no field ${i + 1}`)
  return inner
}

function refuse(
  { collation_name: collation, type_parameters: parameters }: Annotations,
  type: SqlType,
) {
  if (collation) throw notImplemented('COLLATE in a column')
  if (parameters && hasParameters(parameters))
    throw notImplemented(`the type ${kindOf(type)} with parameters`)
}

const hasParameters = ({ child_list: children = [], ...own }: TypeParameters): boolean =>
  Object.keys(own).length > 0 || children.some(hasParameters)

/** The options of a column: its description, where it is a text; 501 with the name of another. */
export function columnOptions(options: readonly OptionNode[]): { readonly description?: string } {
  const other = options.find(({ name }) => name.toLowerCase() !== 'description')
  if (other) throw notImplemented(`OPTIONS(${other.name}) of a column`)
  const description = literalText(options[0]?.value)
  return description === undefined ? {} : { description }
}
