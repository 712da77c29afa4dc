// Words DuckDB's complaints about a statement as BigQuery would: an error of the data is the statement's,
// and anything else is a defect of the translation.

import { ApiError, invalidQuery, messageOf, notImplemented } from '../values/errors.ts'

type Word = (found: RegExpExecArray) => ApiError

const OPERATORS: Readonly<Record<string, string>> = {
  addition: '+',
  subtraction: '-',
  multiplication: '*',
}

// What DuckDB itself finds wrong with the data, where the translation leaves it to DuckDB.
const WORDED: readonly (readonly [pattern: RegExp, word: Word])[] = [
  // The macro gs_raise() of translate/macros.sql.
  [/<gs>(.*?)<\/gs>/s, ([, message = '']) => invalidQuery(message)],
  [
    /Overflow in (addition|subtraction|multiplication) of INT64 \((-?\d+) . (-?\d+)\)/,
    ([, name = '', a, b]) => invalidQuery(`int64 overflow: ${a} ${OPERATORS[name]} ${b}`),
  ],
  [/Overflow in negation/, () => invalidQuery('int64 overflow: -(-9223372036854775808)')],
  [
    /Overflow in division of (-?\d+) \/ (-?\d+)/,
    ([, a, b]) => invalidQuery(`int64 overflow: ${a} / ${b}`),
  ],
  [
    /Type INT64 with value (-?\d+) can't be cast because the value is out of range/,
    ([, value]) => invalidQuery(`The value ${value} is out of range`),
  ],
  [
    /Interval value (-?[\d.]+) (\w+) out of range/,
    ([, value, part]) => invalidQuery(`The interval of ${value} ${part} is out of range`),
  ],
  [/Invalid UTF8 Codepoint (-?\d+)/, ([, point]) => invalidQuery(`Invalid codepoint ${point}`)],
  [
    /Invalid Input Error: (\w+) is undefined outside/,
    ([, name]) => invalidQuery(`Floating point error in function: ${name}`),
  ],
  [
    /input value (\S+) is out of range for numeric function/,
    ([, value]) => invalidQuery(`Floating point error: the argument ${value} is out of range`),
  ],
  [/HUGEINT.*(?:INT64|BIGINT)|INT128.*INT64/, () => invalidQuery('int64 overflow')],
  [
    /Overflow in multiplication of DECIMAL/,
    () => notImplemented('a product of NUMERICs beyond 20 digits before the point'),
  ],
  [/DECIMAL\(38, ?9\)|of DECIMAL\(/, () => invalidQuery('numeric overflow')],
  [
    /More than one row returned by a subquery/,
    () => invalidQuery('Scalar subquery produced more than one element'),
  ],
  [
    /NOT NULL constraint failed: [^.\s]+\.(\S+)$/m,
    ([, name]) => invalidQuery(`Required field ${name} cannot be null`),
  ],
  [
    /TRY can not be used/,
    () => notImplemented('SAFE. and SAFE_CAST with a subquery or RAND in them'),
  ],
  [
    /invalid perl operator: (\S+)/,
    ([, found]) => invalidQuery(`Cannot parse regular expression: invalid perl operator: ${found}`),
  ],
  [
    /Invalid Input Error: ((?:missing|invalid|bad|no argument|unexpected|trailing) [^\n]*)/,
    ([, why]) => invalidQuery(`Cannot parse regular expression: ${why}`),
  ],
  [/Unknown TimeZone '([^']*)'/i, ([, zone]) => invalidQuery(`Invalid time zone: ${zone}`)],
  [/^Out of Memory/, ({ input }) => new ApiError(400, 'resourcesExceeded', input)],
]

// DuckDB 1.5 has been seen, rarely, to read a text wrongly while rows are added to its table. It then keeps nothing of the query.
const MISREAD = 'detected in segment statistics update'

/**
 * Runs a query that changes nothing, and once more if DuckDB has read a text wrongly.
 * @throws what `query` throws, the second time at the latest
 */
export async function repeatIfMisread<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    if (!messageOf(error).includes(MISREAD)) throw error
    return query()
  }
}

/** The ApiError for whatever DuckDB threw while it ran `query`. */
export function fromDuckDb(error: unknown, query: string): ApiError {
  const message = messageOf(error)
  for (const [pattern, word] of WORDED) {
    const found = pattern.exec(message)
    if (found) return word(found)
  }
  return new ApiError(
    500,
    'internalError',
    `The local BigQuery cannot run this statement, which is a defect of it: please report the statement with this text. ${message.split('\n')[0]} Statement: ${query}`,
  )
}
