// Text of others within Markdown, and within Slack's markup: it stays text. Imports nothing but what makes it visible.

import { visible, visibleInLine } from './visible.ts'

/** Letters, digits and the punctuation that no renderer takes for markup, for a link or for a mention. */
const PLAIN =
  /^(?:[A-Za-z0-9]+|["A-Za-z](?:[A-Za-z0-9 ,;()"'-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))*)$/

/**
 * One line: plain words as they are, everything else as code. Escaping would not do: what turns `@name`, `#1`,
 * `:name:` and addresses into links looks at the text after the escapes are gone, and only code is left alone. Pure.
 */
export const markdownText = (text: string): string => (PLAIN.test(text) ? text : markdownCode(text))

/** One line, as code, also within a cell of a table: a backtick becomes an apostrophe, a bar a broken bar. Pure. */
export function markdownCode(text: string): string {
  const line = visibleInLine(text.replace(/[\t\r\n]/g, ' ')).replaceAll('`', "'")
  // Two backticks with nothing between them would begin a code that ends somewhere else.
  return `\`${line.replaceAll('|', '¦') || ' '}\``
}

/** Lines, as a block of code: its fence is longer than any in the text. Pure. */
export function markdownBlock(text: string, language: string): string {
  const longest = Array.from(text.matchAll(/`+/g), ([run]) => run.length)
  const fence = '`'.repeat(longest.reduce((most, length) => Math.max(most, length), 2) + 1)
  return `${fence}${language}\n${visible(text)}\n${fence}`
}

/** As `markdownText`, for Slack, which reads `<!channel>` within code, too. Pure. */
export const slackText = (text: string): string => (PLAIN.test(text) ? text : slackCode(text))

/** As `markdownCode`, for Slack. Pure. */
export const slackCode = (text: string): string =>
  markdownCode(text).replace(/[&<>]/g, (mark) => SLACK[mark] ?? mark)

const SLACK: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
