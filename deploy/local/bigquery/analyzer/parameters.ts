// The types of a request's query parameters, as GoogleSQL has them.

import { z } from 'zod'
import type { QueryParameter } from '../values/resources.ts'
import type { Parameter } from './analyzer.ts'
import { arrayOf, type SqlType, sqlTypeOf } from './types.ts'

type ParameterType = {
  readonly type: string
  readonly arrayType?: ParameterType | undefined
  readonly structTypes?:
    | readonly { readonly name?: string | undefined; readonly type: ParameterType }[]
    | undefined
}

const parameterType: z.ZodType<ParameterType> = z.object({
  type: z.string(),
  get arrayType() {
    return parameterType.optional()
  },
  get structTypes() {
    return z.array(z.object({ name: z.string().optional(), type: parameterType })).optional()
  },
})

/** The parameter's name and type, of any depth. */
export const parameterOf = (sent: QueryParameter): Parameter => ({
  name: sent.name || undefined,
  type: typeOf(parameterType.parse(sent.parameterType)),
})

function typeOf({ type, arrayType, structTypes = [] }: ParameterType): SqlType {
  const upper = type.toUpperCase()
  if (upper === 'ARRAY' && arrayType) return arrayOf(typeOf(arrayType))
  if (upper !== 'STRUCT') return sqlTypeOf({ type })
  const field = structTypes.map((each) => ({
    field_name: each.name ?? '',
    field_type: typeOf(each.type),
  }))
  return { type_kind: 'TYPE_STRUCT', struct_type: { field } }
}
