// The text of a table's cell: one line that shows every character, and is not too long.

import stringWidth from 'string-width'
import { visibleInLine } from '#contracts/visible'

/** Columns of the terminal. Cells that are wider are cut; `--json` and `--csv` have all of it. */
const MAX_WIDTH = 48

/** No text that fits has more characters than this: what is longer need not be read to its end. */
const MAX_LENGTH = MAX_WIDTH * 10

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Pure. */
export function cellText(text: string): string {
  const shown = visibleInLine(text.slice(0, MAX_LENGTH))
  return stringWidth(shown) > MAX_WIDTH ? `${begin(shown, MAX_WIDTH - 1)}…` : shown
}

function begin(text: string, width: number): string {
  let kept = ''
  let room = width
  for (const { segment } of characters.segment(text)) {
    room -= stringWidth(segment)
    if (room < 0) break
    kept += segment
  }
  return kept
}
