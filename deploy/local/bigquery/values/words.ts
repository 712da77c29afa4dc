// SOUNDEX, INITCAP and EDIT_DISTANCE of GoogleSQL.

const CODES = new Map(
  ['BFPV', 'CGJKQSXZ', 'DT', 'L', 'MN', 'R'].flatMap((letters, i) =>
    Array.from(letters, (letter) => [letter, String(i + 1)] as const),
  ),
)

const LENGTH = 4

/** The first letter, and three digits for the consonants that follow. Letters of ASCII alone count; empty where the text has none. Vowels do not separate two letters of the same code. */
export function soundex(text: string): string {
  const letters = text.replaceAll(/[^A-Za-z]/g, '')
  if (letters === '') return ''
  const codes = Array.from(letters.toUpperCase()).flatMap(
    (letter, i) => CODES.get(letter) ?? (i === 0 ? '' : []),
  )
  const digits = codes.filter((code, i) => i > 0 && code !== codes[i - 1])
  return (letters.charAt(0) + digits.join('')).slice(0, LENGTH).padEnd(LENGTH, '0')
}

const SPACES =
  ' \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'

/** Where INITCAP is given none. */
const DELIMITERS = `${SPACES}[](){}/|\\<>!?@"^#$&~_,.:;*%+-`

/** Each first letter, and each after one of the delimiters, is a capital, and all others are small. */
export function capitalized(text: string, delimiters = DELIMITERS): string {
  const separates = new Set(delimiters)
  const characters = Array.from(text)
  return characters
    .map((character, i) => {
      const before = characters[i - 1]
      const isFirst = before === undefined || separates.has(before)
      if (separates.has(character)) return character
      return inCase(character, isFirst ? character.toUpperCase() : character.toLowerCase())
    })
    .join('')
}

/** A character whose other case has several, such as that of ß, stays as it is. */
const inCase = (character: string, other: string) =>
  Array.from(other).length === 1 ? other : character

/** How many characters have to be inserted, removed or replaced. */
export function editDistance(a: string, b: string): number {
  const characters = Array.from(b)
  let distances = Array.from({ length: characters.length + 1 }, (_, i) => i)
  for (const [row, character] of Array.from(a).entries()) {
    const next = [row + 1]
    for (const [i, other] of characters.entries()) {
      const replaced = (distances[i] ?? 0) + (character === other ? 0 : 1)
      next.push(Math.min(replaced, (distances[i + 1] ?? 0) + 1, (next[i] ?? 0) + 1))
    }
    distances = next
  }
  return distances[characters.length] ?? 0
}
