// Makes text of partners safe to show on a terminal: characters that control the terminal or are invisible are escaped. Imports
// nothing.

/**
 * Control and format characters, what reverses the reading direction, line separators, lone surrogates, private and
 * permanently unassigned characters, fillers and variation selectors; and every combining mark after the fourth on one
 * character, because many of them cover the lines around it.
 */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|\p{M}(?<=\p{M}{5})/gu

/**
 * For a whole output. Each unsafe character becomes its JSON escape, such as `\u001b`, so that JSON text keeps its meaning. Line
 * feeds and tabs are kept. Idempotent. Pure.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, (unsafe) =>
    unsafe === '\n' || unsafe === '\t' ? unsafe : escaped(unsafe),
  )
}

/** The same for a value within a line: line feeds and tabs are escaped as well. Pure. */
export function visibleInLine(text: string): string {
  return text.replace(UNSAFE, escaped)
}

/** Reverses `visible`. An escape that the text had before is replaced as well. Pure. */
export function fromVisible(text: string): string {
  return text.replace(/\\u([\da-f]{4})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}

function escaped(unsafe: string): string {
  let written = ''
  for (let i = 0; i < unsafe.length; i++)
    written += `\\u${unsafe.charCodeAt(i).toString(16).padStart(4, '0')}`
  return written
}
