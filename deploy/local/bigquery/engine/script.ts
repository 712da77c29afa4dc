// Runs a script: its statements in order. Its variables are query parameters of the statements that follow.

import { z } from 'zod'
import { parameterField } from '../sql/parameters.ts'
import { readAssignment, readDeclaration, splitStatements, withVariables } from '../sql/script.ts'
import { type Token, tokensIn } from '../sql/tokens.ts'
import { invalidQuery, notImplemented } from '../values/errors.ts'
import type {
  FieldSchema,
  ParameterType,
  ParameterValue,
  QueryParameter,
} from '../values/resources.ts'
import { rowToWire } from '../values/wire.ts'
import {
  type QueryRequest,
  runStatement,
  type StatementDeps,
  type StatementResult,
} from './statements.ts'

type Script = {
  readonly deps: StatementDeps
  readonly request: QueryRequest
  /** Each variable, by its name in lower case, as the query parameter that has its value. */
  readonly variables: Map<string, QueryParameter>
}

const OF_VARIABLE = /^(?:DECLARE|SET)$/

/** Whether a query is a script: several statements, or one about a variable. */
export function isScript(query: string): boolean {
  const [first, second] = splitStatements(tokensIn(query))
  return second !== undefined || OF_VARIABLE.test(first?.[0]?.word ?? '')
}

/**
 * Runs the statements until one fails. What those before it did stays, as in BigQuery.
 * @returns the result of the last query, or else of the last statement
 * @throws 501 for statements that control the flow
 */
export async function runScript(
  deps: StatementDeps,
  request: QueryRequest,
  resultName: string,
): Promise<StatementResult> {
  if (request.queryParameters.some(({ name }) => !name))
    throw notImplemented('positional query parameters in a script')
  const script: Script = { deps, request, variables: new Map() }
  let last: StatementResult = { statementType: 'SCRIPT', fields: [], totalRows: 0 }
  let step = 0
  for (const tokens of splitStatements(tokensIn(request.query))) {
    const result = await runStep(script, tokens, `${resultName}_${step++}`)
    if (!result) continue
    if (result.resultTable && last.resultTable) await drop(deps, last.resultTable)
    if (result.resultTable || !last.resultTable) last = result
  }
  return { ...last, statementType: 'SCRIPT' }
}

async function runStep(
  script: Script,
  tokens: readonly Token[],
  resultName: string,
): Promise<StatementResult | undefined> {
  const word = tokens[0]?.word
  if (word === 'DECLARE') await declare(script, tokens, resultName)
  else if (word === 'SET') await assign(script, tokens, resultName)
  else return runStatement(script.deps, requestOf(script, textWith(script, tokens)), resultName)
  return undefined
}

const textWith = ({ variables }: Script, tokens: readonly Token[]) =>
  withVariables(
    tokens,
    new Map([...variables].map(([name, variable]) => [name, { isStruct: isOfStruct(variable) }])),
  )

const isOfStruct = ({ parameterType: { type } }: QueryParameter) => type === 'STRUCT'

const requestOf = ({ request, variables }: Script, query: string): QueryRequest => ({
  ...request,
  query,
  destinationTable: undefined,
  queryParameters: [...request.queryParameters, ...variables.values()],
})

async function declare(script: Script, tokens: readonly Token[], resultName: string) {
  const { names, type, value } = readDeclaration(tokens)
  const expression = value === undefined ? 'NULL' : textWith(script, value)
  const typed = type === undefined ? expression : `CAST(${expression} AS ${type})`
  const [found] = await evaluate(script, `SELECT ${typed} AS v`, resultName)
  for (const name of names) {
    if (script.variables.has(name)) throw invalidQuery(`Variable '${name}' redeclared`)
    if (found) script.variables.set(name, { ...parameterOf(found.field, found.wire), name })
  }
}

async function assign(script: Script, tokens: readonly Token[], resultName: string) {
  const { names, value, isStruct } = readAssignment(tokens)
  const expression = textWith(script, value)
  const query = isStruct ? `SELECT s.* FROM (SELECT ${expression} AS s)` : `SELECT ${expression}`
  const values = await evaluate(script, query, resultName)
  if (values.length !== names.length)
    throw invalidQuery(`SET has ${names.length} variables and ${values.length} values`)
  for (const [i, name] of names.entries()) {
    const before = script.variables.get(name)
    const found = values[i]
    if (!before || !found) throw invalidQuery(`Undeclared variable: ${name}`)
    const field = parameterField(before.parameterType, name)
    script.variables.set(name, { ...parameterOf(field, found.wire), name })
  }
}

/** The values of the query's only row, one for each column. */
async function evaluate(script: Script, query: string, resultName: string) {
  const { deps } = script
  const { fields, resultTable } = await runStatement(deps, requestOf(script, query), resultName)
  if (!resultTable) throw invalidQuery('A variable takes the value of an expression alone.')
  const rows = await deps.database.read((connection) =>
    connection.runAndReadAll(`SELECT * FROM ${resultTable}`),
  )
  const [row] = rows.getRows().map(rowToWire(fields, 'ISO8601_STRING'))
  await drop(deps, resultTable)
  return fields.map((field, i) => ({ field, wire: row?.f[i]?.v ?? null }))
}

const parameterOf = (field: FieldSchema, wire: unknown): QueryParameter => ({
  parameterType: typeOf(field),
  parameterValue: valueOf(field, wire),
})

function typeOf({ type, mode, fields = [] }: FieldSchema): ParameterType {
  const structTypes = fields.map((field) => ({ name: field.name, type: typeOf(field) }))
  const single = type === 'RECORD' ? { type: 'STRUCT', structTypes } : { type }
  return mode === 'REPEATED' ? { type: 'ARRAY', arrayType: single } : single
}

function valueOf(field: FieldSchema, wire: unknown): ParameterValue {
  const { type, mode, fields = [] } = field
  if (mode === 'REPEATED') {
    const element = { ...field, mode: 'NULLABLE' }
    return { arrayValues: cells.parse(wire).map(({ v }) => valueOf(element, v)) }
  }
  if (type !== 'RECORD' || wire === null) return { value: wire }
  const { f } = record.parse(wire)
  return {
    structValues: Object.fromEntries(fields.map((each, i) => [each.name, valueOf(each, f[i]?.v)])),
  }
}

const cells = z.array(z.object({ v: z.unknown() }))
const record = z.object({ f: cells })

const drop = ({ database }: StatementDeps, table: string) =>
  database.read((connection) => connection.run(`DROP TABLE ${table}`))
