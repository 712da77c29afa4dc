// Functions that DuckDB has nothing to make of: they are JavaScript, and the rules of translate/ call them as they call its macros.

import { createHash } from 'node:crypto'
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  INTERVAL,
  LIST,
  VARCHAR,
} from '@duckdb/node-api'
import { bigqueryFingerprint } from 'farmhash-modern'
import { base32 } from 'rfc4648'
import { z } from 'zod'
import { bytesLiteral, bytesText } from '../values/bytes-text.ts'
import { messageOf } from '../values/errors.ts'
import {
  appendJson,
  insertJson,
  type JsonSteps,
  removeJson,
  setJson,
  stripJson,
} from '../values/json-changes.ts'
import { justifyDays, justifyHours, justifyInterval } from '../values/justify.ts'
import { capitalized, editDistance, soundex } from '../values/words.ts'

type ScalarFunction = {
  readonly takes: readonly DuckDBType[]
  readonly returns: DuckDBType
  /** Is called with values that are not NULL. Throws DataError. */
  readonly of: (values: readonly DuckDBValue[]) => DuckDBValue
}

/** An error of the data, in GoogleSQL's words. */
class DataError extends Error {}

type Argument = DuckDBValue | undefined

const textOf = (value: Argument) => String(value)
const bytesOf = (value: Argument) =>
  value instanceof DuckDBBlobValue ? value.bytes : Uint8Array.of()
const itemsOf = (value: Argument) => (value instanceof DuckDBListValue ? value.items : [])
const intervalOf = (value: Argument) =>
  value instanceof DuckDBIntervalValue ? value : new DuckDBIntervalValue(0, 0, 0n)

const ofBytes = (returns: DuckDBType, of: (bytes: Uint8Array) => DuckDBValue): ScalarFunction => ({
  takes: [BLOB],
  returns,
  of: ([value]) => of(bytesOf(value)),
})

const ofText = (returns: DuckDBType, of: (text: string) => DuckDBValue): ScalarFunction => ({
  takes: [VARCHAR],
  returns,
  of: ([value]) => of(textOf(value)),
})

const ofTexts = (of: (text: string, other: string) => string): ScalarFunction => ({
  takes: [VARCHAR, VARCHAR],
  returns: VARCHAR,
  of: ([text, other]) => of(textOf(text), textOf(other)),
})

const ofInterval = (
  of: (interval: DuckDBIntervalValue) => DuckDBIntervalValue,
): ScalarFunction => ({
  takes: [INTERVAL],
  returns: INTERVAL,
  of: ([value]) => of(intervalOf(value)),
})

const stepsSchema = z.array(z.union([z.string(), z.number()]))

/** A function of a JSON value, of a path, whose steps are a JSON array, and of others. */
const ofJson = (
  others: readonly DuckDBType[],
  of: (json: string, steps: JsonSteps, others: readonly DuckDBValue[]) => string,
): ScalarFunction => ({
  takes: [VARCHAR, VARCHAR, ...others],
  returns: VARCHAR,
  of: ([json, steps, ...rest]) =>
    of(textOf(json), stepsSchema.parse(JSON.parse(textOf(steps))), rest),
})

const FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  gs_farm_fingerprint: ofBytes(BIGINT, bigqueryFingerprint),
  gs_sha512: ofBytes(BLOB, (bytes) => blobValue(createHash('sha512').update(bytes).digest())),
  // A text whose characters are the bytes, so that what is done to texts can be done to bytes.
  gs_latin1: ofBytes(VARCHAR, (bytes) => Buffer.from(bytes).toString('latin1')),
  gs_from_latin1: ofText(BLOB, (text) => blobValue(Buffer.from(text, 'latin1'))),
  gs_bytes_text: ofBytes(VARCHAR, bytesText),
  gs_bytes_literal: ofBytes(VARCHAR, bytesLiteral),
  gs_to_base32: ofBytes(VARCHAR, (bytes) => base32.stringify(bytes)),
  gs_from_base32: ofText(BLOB, fromBase32),
  gs_bytes_of: { takes: [LIST(BIGINT)], returns: BLOB, of: ([codes]) => bytesOfCodes(codes) },
  gs_normalize: ofTexts((text, form) => text.normalize(form)),
  gs_initcap: ofText(VARCHAR, (text) => capitalized(text)),
  gs_initcap_after: ofTexts(capitalized),
  gs_edit_distance: {
    takes: [VARCHAR, VARCHAR],
    returns: BIGINT,
    of: ([a, b]) => BigInt(editDistance(textOf(a), textOf(b))),
  },
  gs_soundex: ofText(VARCHAR, soundex),
  gs_justify_hours: ofInterval(justifyHours),
  gs_justify_days: ofInterval(justifyDays),
  gs_justify_interval: ofInterval(justifyInterval),
  gs_json_set: ofJson([VARCHAR, BOOLEAN], (json, steps, [value, makes]) =>
    setJson(json, steps, textOf(value), makes === true),
  ),
  gs_json_remove: ofJson([], removeJson),
  gs_json_append: ofJson([LIST(VARCHAR)], (json, steps, [values]) =>
    appendJson(json, steps, itemsOf(values).map(textOf)),
  ),
  gs_json_insert: ofJson([LIST(VARCHAR)], (json, steps, [values]) =>
    insertJson(json, steps, itemsOf(values).map(textOf)),
  ),
  gs_json_strip: ofJson([BOOLEAN, BOOLEAN], (json, steps, [ofArrays, empties]) =>
    stripJson(json, steps, { ofArrays: ofArrays === true, empties: empties === true }),
  ),
}

function fromBase32(text: string): DuckDBBlobValue {
  try {
    return blobValue(base32.parse(text))
  } catch {
    throw new DataError('Failed to decode invalid base32 string')
  }
}

function bytesOfCodes(list: Argument): DuckDBBlobValue | null {
  const codes = itemsOf(list)
  if (codes.includes(null)) return null
  const wrong = codes.find((code) => Number(code) < 0 || Number(code) > 255)
  if (wrong !== undefined) throw new DataError(`Invalid ASCII value ${textOf(wrong)}`)
  return blobValue(Uint8Array.from(codes, Number))
}

/** Registers them for all connections of the instance. */
export function registerScalarFunctions(connection: DuckDBConnection): void {
  for (const [name, { takes, returns, of }] of Object.entries(FUNCTIONS)) {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: takes,
        returnType: returns,
        mainFunction: (info, rows, results) => {
          try {
            for (let i = 0; i < rows.rowCount; i++) {
              const values = rows.getRowValues(i)
              results.setItem(i, values.includes(null) ? null : of(values))
            }
            results.flush()
          } catch (error) {
            info.setError(wordsOf(error))
          }
        },
      }),
    )
  }
}

/** engine/query-errors.ts finds the words of an error of the data, as it does those of the macro gs_raise(). */
const wordsOf = (error: unknown) =>
  error instanceof DataError ? `<gs>${error.message}</gs>` : messageOf(error)
