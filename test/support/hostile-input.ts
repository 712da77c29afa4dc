// Long runs of whatever makes a computation grow: what a partner or a stranger can send, of any size.

/** Single characters that are repeated. */
const CHARACTERS =
  ' \t\n\u00a0\u2028019aZ_.,:;-+/@%=#|*`~()<>&?!${}[]"\'\\\u0000\u001b\u007f\ufeff\u0301\u200d\u202eäß漢'

/** Words that are repeated. */
const WORDS = [
  '\r\n \ud83d\ude97 [{ {" ": {"a": \\" \\u a@ @. a@b.c +1 0. 1e -0 00 e+ 2025- :00 %40 eyJ eyJhIjoxfQ== AAAA',
  'first_name Name aA AAa a= a=" since= ECONN /ended "partner_id" // /1',
].flatMap((line) => line.split(' '))

/** Words with blanks in them. */
const PHRASES = [
  '[ ',
  '{ ',
  '+1 ',
  '+49 170 1234567 ',
  'a@b.c ',
  '(masked ',
  'bearer ',
  'npm run dlq -- show ',
  '"partner_id" : "',
]

/** What is repeated. A new kind of hostile input is one more of them. */
export const UNITS: readonly string[] = [...CHARACTERS.split(''), ...WORDS, ...PHRASES]

export type Frame = readonly [start: string, end: string]

/** What stands before and after the run, so that an expression that begins to match has to give up. */
const PLAIN: Frame = ['', '']

export const FRAMES: readonly Frame[] = [
  PLAIN,
  ['', 'x'],
  ['{', '!'],
  ['[', '"'],
  ['+1', '@x.'],
  ['1', '1'],
]

/** Every unit, each with one frame. */
export const RUNS = UNITS.map((unit, index) => ({
  unit,
  frame: FRAMES[index % FRAMES.length] ?? PLAIN,
}))

/** A text of about `size` UTF-16 units. */
export function run(size: number, unit: string, [start, end]: Frame): string {
  return start + unit.repeat(Math.floor(size / unit.length)) + end
}

/** The same, so long that it takes about `size` bytes as a string of JSON. */
export function jsonRun(bytes: number, unit: string, frame: Frame): string {
  const each = Buffer.byteLength(JSON.stringify(unit)) - 2
  return run(Math.floor(bytes / each) * unit.length, unit, frame)
}

const DIGITS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** A short name of its own for each number. */
export function nameOf(index: number): string {
  const rest = Math.floor(index / DIGITS.length)
  return (rest > 0 ? nameOf(rest - 1) : '') + DIGITS.charAt(index % DIGITS.length)
}

const many = (bytes: number, each: (index: number) => string): string => {
  const parts: string[] = []
  for (let size = 0; size < bytes; size += (parts.at(-1)?.length ?? 0) + 1)
    parts.push(each(parts.length))
  return parts.join(',')
}

const nested = (bytes: number, levels: number): string => {
  let text = JSON.stringify({ first_name: 'Max', filler: ' '.repeat(bytes) })
  for (let level = 0; level < levels; level++) text = JSON.stringify({ a: text })
  return text
}

/** Members of an event, as JSON text of about so many bytes, that are hard for their number rather than their length. */
export const STRUCTURES: Readonly<Record<string, (bytes: number) => string>> = {
  'many keys': (bytes) => `"x":{${many(bytes, (i) => `"${nameOf(i)}":1`)}}`,
  'many personal keys': (bytes) =>
    `"x":{${many(bytes, (i) => `"ip${nameOf(i)}":1,"${nameOf(i)}_name":1`)}}`,
  'many keys at the top': (bytes) => many(bytes, (i) => `"k_${nameOf(i)}":1`),
  'many wrong consents': (bytes) => `"consent":{${many(bytes, (i) => `"${nameOf(i)}":1`)}}`,
  'many good consents': (bytes) => `"consent":{${many(bytes, (i) => `"${nameOf(i)}":true`)}}`,
  'many long consents': (bytes) =>
    `"consent":{${many(bytes, (i) => `"${nameOf(i)}${'k'.repeat(300)}":true`)}}`,
  'a repeated key': (bytes) => `"x":{${many(bytes, () => '"a":1')}}`,
  'a large object, then its key again and again, and an exact number': (bytes) =>
    `"n":1.00000000000000000000001,"a":{${many(bytes / 2, (i) => `"${nameOf(i)}":1`)}},${many(bytes / 2, () => '"a":{}')}`,
  'a large array, then its key again and again, and an exact number': (bytes) =>
    `"n":1.00000000000000000000001,"a":[${many(bytes / 2, () => '{}')}],${many(bytes / 2, () => '"a":[]')}`,
  'a long array': (bytes) => `"x":[${many(bytes, () => '1')}]`,
  'an array of objects': (bytes) => `"x":[${many(bytes, () => '{"name":"M"}')}]`,
  'an array of empty texts': (bytes) => `"order_id":[${many(bytes, () => '""')}]`,
  'an array of exact numbers': (bytes) => `"x":[${many(bytes, () => '0.10000000000000000001')}]`,
  'an array in place of an id': (bytes) =>
    `"order_id":[${many(bytes, (i) => `"${nameOf(i)}@b.c"`)}]`,
  'an object in place of an id': (bytes) =>
    `"car_model":{${many(bytes, (i) => `"${nameOf(i)}":"x"`)}}`,
  'an object in place of a currency': (bytes) =>
    `"currency":{"a":{"b":[${many(bytes, () => '{}')}]}}`,
  'whole numbers as keys': (bytes) => `"x":{${many(bytes, (i) => `"${i * 7}":1`)}}`,
  'JSON inside a text': (bytes) => `"note":${JSON.stringify(nested(bytes, 0))}`,
  'JSON inside a text inside a text': (bytes) => `"note":${JSON.stringify(nested(bytes, 1))}`,
  'JSON ten texts deep': (bytes) => `"note":${nested(Math.floor(bytes / 2), 10)}`,
  'brackets without an end': (bytes) => `"x":${'['.repeat(bytes)}`,
  'digits of a whole number': (bytes) => `"amount":${'7'.repeat(bytes)}`,
  'zeros before the last digit': (bytes) => `"amount":0.${'0'.repeat(bytes)}1`,
  'zeros after the last digit': (bytes) => `"amount":1.${'0'.repeat(bytes)}`,
  'zeros of a whole number': (bytes) => `"amount":1${'0'.repeat(bytes)}`,
  'zeros alone': (bytes) => `"amount":0.${'0'.repeat(bytes)}`,
  'digits of an exponent': (bytes) => `"amount":1e${'9'.repeat(bytes)}`,
  'zeros of an exponent': (bytes) => `"amount":1e${'0'.repeat(bytes)}1`,
  'digits of an unknown number': (bytes) => `"x":0.${'5'.repeat(bytes)}`,
  'digits of a year': (bytes) => `"vehicle":{"year":${'2'.repeat(bytes)}}`,
  'digits of a version': (bytes) => `"schema_version":${'2'.repeat(bytes)}`,
  'what only looks like a number': (bytes) => `"x":${'-+.eE09'.repeat(bytes / 7)}`,
  'white space between members': (bytes) => `${' '.repeat(bytes)}"x":1`,
}
