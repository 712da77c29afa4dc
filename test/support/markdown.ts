// Reads Markdown as GitHub does, and finds what a partner could have put there.

import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'

type Node = { readonly type: string; readonly value?: string; readonly children?: readonly Node[] }

const nodesOf = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(nodesOf)]

const parse = (markdown: string): Node[] =>
  nodesOf(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }))

const ACTIVE = new Set([
  'link',
  'linkReference',
  'image',
  'imageReference',
  'definition',
  'html',
  'delete',
  'footnoteReference',
  'footnoteDefinition',
])

/** What other renderers look for in text that is no code: addresses, mentions, references and emoji by name. */
const LIVE_TEXT = /:\/\/|\bwww\.|@|#\w|:\w+:|<!|~~|javascript:/i

/** Types of nodes, and texts, that do more than show text; empty for a document that only tells. */
export function activeIn(markdown: string): string[] {
  return parse(markdown).flatMap((node) => {
    if (ACTIVE.has(node.type)) return node.type
    return node.type === 'text' && LIVE_TEXT.test(node.value ?? '') ? `text ${node.value}` : []
  })
}

/** The texts of code, in the order of the document. */
export const codeIn = (markdown: string): string[] =>
  parse(markdown).flatMap(({ type, value }) =>
    type === 'inlineCode' || type === 'code' ? (value ?? '') : [],
  )

/** How many nodes there are of each type. */
export function shapeOf(markdown: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { type } of parse(markdown)) counts[type] = (counts[type] ?? 0) + 1
  return counts
}
