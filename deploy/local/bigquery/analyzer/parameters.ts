// The types of a request's query parameters, as GoogleSQL has them.

import { parameterField } from '../sql/parameters.ts'
import type { QueryParameter } from '../values/resources.ts'
import type { Parameter } from './analyzer.ts'
import { sqlTypeOf } from './types.ts'

/** The parameter's name and type, of any depth; 501 with the name of a type that is not supported. */
export const parameterOf = ({ name, parameterType }: QueryParameter): Parameter => ({
  name: name || undefined,
  type: sqlTypeOf(parameterField(parameterType, name || '?')),
})
