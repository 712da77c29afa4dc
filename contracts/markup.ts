// Embeds text of partners in Markdown and in Slack's markup, so that it stays text. Imports only `visible.ts`.

import { visible, visibleInLine } from './visible.ts'

/** Letters, digits and punctuation that no renderer interprets as markup, a link or a mention. */
const PLAIN =
  /^(?:[A-Za-z0-9]+|["A-Za-z](?:[A-Za-z0-9 ,;()"'-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))*)$/

/**
 * One line: plain words as they are, everything else as code. Escaping is not enough: a renderer that makes links of `@name`,
 * `#1`, `:name:` and addresses does so after it has removed the escapes, and leaves only code unchanged. Pure.
 */
export const markdownText = (text: string): string => (PLAIN.test(text) ? text : markdownCode(text))

/** One line, as code, also within a cell of a table: a backtick becomes an apostrophe, a bar a broken bar. Pure. */
export function markdownCode(text: string): string {
  const line = visibleInLine(text.replace(/[\t\r\n]/g, ' ')).replaceAll('`', "'")
  // Two backticks with nothing between them would open a code span that ends somewhere else.
  return `\`${line.replaceAll('|', '¦') || ' '}\``
}

/** Lines as a block of code, whose fence is longer than any fence in the text. Pure. */
export function markdownBlock(text: string, language: string): string {
  const longest = Array.from(text.matchAll(/`+/g), ([run]) => run.length)
  const fence = '`'.repeat(longest.reduce((most, length) => Math.max(most, length), 2) + 1)
  return `${fence}${language}\n${visible(text)}\n${fence}`
}

/** Like `markdownText`, for Slack, which interprets `<!channel>` within code as well. Pure. */
export const slackText = (text: string): string => (PLAIN.test(text) ? text : slackCode(text))

/** Like `markdownCode`, for Slack. Pure. */
export const slackCode = (text: string): string =>
  markdownCode(text).replace(/[&<>]/g, (mark) => SLACK[mark] ?? mark)

const SLACK: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
