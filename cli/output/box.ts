// Draws a table whose columns align on a terminal, also with characters that take two columns or none.

import stringWidth from 'string-width'

export type Align = 'left' | 'right'

/** Cells are single lines: see `cellText`. Pure. */
export function drawBox(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly Align[],
): string {
  const widths = head.map((name, column) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[column] ?? '')), stringWidth(name)),
  )
  const bars = widths.map((width) => '─'.repeat(width + 2))
  const line = (cells: readonly string[]) => {
    const padded = widths.map((width, column) => pad(cells[column] ?? '', width, aligns[column]))
    return `│ ${padded.join(' │ ')} │`
  }
  return [
    `┌${bars.join('┬')}┐`,
    line(head),
    `├${bars.join('┼')}┤`,
    ...rows.map(line),
    `└${bars.join('┴')}┘`,
  ].join('\n')
}

function pad(text: string, width: number, align: Align = 'left'): string {
  const blanks = ' '.repeat(width - stringWidth(text))
  return align === 'left' ? `${text}${blanks}` : `${blanks}${text}`
}
