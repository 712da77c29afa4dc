// Text of others as a terminal may show it: what would steer the terminal, or cannot be seen, is written out. Imports nothing.

/**
 * Control and format characters, what reverses the reading direction, line separators, lone surrogates, private and
 * unassigned-for-good characters, fillers and variation selectors; and every combining mark after the fourth on one
 * character, since a pile of them covers the lines around it.
 */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|\p{M}(?<=\p{M}{5})/gu

/**
 * A whole output. Each unsafe character becomes its escape of JSON, such as `\u001b`, so that JSON text keeps its
 * meaning; line feeds and tabs stay. Safe to repeat. Pure.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, (unsafe) =>
    unsafe === '\n' || unsafe === '\t' ? unsafe : escaped(unsafe),
  )
}

/** The same for a value within a line: line feeds and tabs are written out, too. Pure. */
export function visibleInLine(text: string): string {
  return text.replace(UNSAFE, escaped)
}

/** What `visible` wrote out, as it was. A text that had such an escape before is changed, too. Pure. */
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
