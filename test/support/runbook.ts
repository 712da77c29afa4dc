// Reads the commands of a runbook and what they printed, runs them as a person would paste them, and puts new outputs in.

import { randomUUID } from 'node:crypto'
import { runShell } from './run-command.ts'

/** A block of commands, and the output the runbook shows below it. */
export type Step = { readonly commands: string; readonly output: string }

export type Ran = { readonly code: number; readonly output: string }

const SECTION = /^## (.+)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm
const STEP = /^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm

/** @throws where there is no such section */
export function readSteps(markdown: string, section: string): Step[] {
  const found = [...markdown.matchAll(SECTION)].find(([, title]) => title === section)
  if (!found) throw new Error(`the runbook has no section "${section}"`)
  return Array.from((found[2] ?? '').matchAll(STEP), ([, commands = '', output = '']) => ({
    commands,
    output,
  }))
}

/** One shell for all of them, as a person has: a variable set by one is there for the next. */
export async function runSteps(steps: readonly Step[]): Promise<Ran[]> {
  const mark = randomUUID()
  const script = steps.map(({ commands }) => `${commands}\necho "${mark} $?"\n`)
  const { stdout } = await runShell(`set -o pipefail\n${script.join('')}`)
  const ran = stdout.matchAll(new RegExp(`([\\s\\S]*?)${mark} (\\d+)\\n`, 'g'))
  return Array.from(ran, ([, output = '', code]) => ({ output, code: Number(code) }))
}

/** What stays the same from run to run of how an output begins: words and columns, but no number, id, time or width. */
export function shapeOf(output: string): string[] {
  return output.trim().split('\n').slice(0, 2).map(shapeOfLine)
}

const shapeOfLine = (line: string) =>
  line
    .replace(/\b[0-9a-f]{8,}\b/g, 'ID')
    .replace(/\b[\d.]+ ?(ms|s|min|m|h|d)\b/g, 'SPAN')
    .replace(/(SPAN ?)+/g, 'SPAN ')
    .replace(/\b(event|letter)s?\b/g, '$1')
    .replace(/\d[\d,.]*/g, '0')
    .replace(/─+/g, '─')
    .replace(/ +/g, ' ')
    .trim()

const HEAD = 11
const TAIL = 3

/** The runbook with the outputs of a run in place of those it has; the middle of a long one is left out. */
export function withOutputs(markdown: string, steps: readonly Step[], ran: readonly Ran[]): string {
  const outputs = new Map(steps.map(({ commands }, i) => [commands, ran[i]?.output ?? '']))
  return markdown.replace(STEP, (whole: string, commands: string) => {
    const output = outputs.get(commands)
    if (output === undefined) return whole
    const block = `\`\`\`sh\n${commands}\`\`\`\n`
    return output === '' ? block : `${block}\n\`\`\`text\n${shortened(output)}\n\`\`\`\n`
  })
}

function shortened(output: string): string {
  const lines = output.trimEnd().split('\n')
  if (lines.length <= HEAD + TAIL + 1) return lines.join('\n')
  return [...lines.slice(0, HEAD), '…', ...lines.slice(-TAIL)].join('\n')
}

export type Section = {
  readonly title: string
  /** As GitHub makes it of the title. */
  readonly anchor: string
  /** What stands below the heading, up to the next one. */
  readonly text: string
}

const HEADING = /^#{1,6} (.+)$/

/** Every heading of a document, without those within code. */
export function sectionsOf(markdown: string): Section[] {
  const sections: { title: string; lines: string[] }[] = []
  let isCode = false
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode
    const [, title] = (!isCode && HEADING.exec(line)) || []
    if (title) sections.push({ title, lines: [] })
    else sections.at(-1)?.lines.push(line)
  }
  return sections.map(({ title, lines }) => ({
    title,
    anchor: anchorOf(title),
    text: lines.join('\n'),
  }))
}

const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')
