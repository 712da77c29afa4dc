// What docs/contract.md shows to partners is what the contract does.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { REASONS, readEvent } from '#contracts'
import { cancellationSchema, KNOWN_FIELDS, purchaseSchema } from '#contracts/event/schema'
import { message } from '../../fixtures/messages.ts'

const page = readFileSync('docs/contract.md', 'utf8')
const { children } = fromMarkdown(page, {
  extensions: [gfm()],
  mdastExtensions: [gfmFromMarkdown()],
})

type Example = { readonly text: string; readonly reasons: readonly string[] }

/** Behind `json` stand the reasons for which the example is rejected. */
const examples = children.flatMap((node): Example[] => {
  if (node.type !== 'code') return []
  return [{ text: node.value, reasons: node.meta?.split(' ') ?? [] }]
})

const PUBLISHED = { publishTime: '2026-11-20T10:00:00.000000Z', attributes: {} }

const read = ({ text }: Example) => readEvent(message(text, PUBLISHED))

test('has examples of both types, of a part, and of mistakes', () => {
  const accepted = examples.flatMap((example) => {
    const reading = read(example)
    return reading.accepted ? [`${reading.event.type} ${reading.event.partial}`] : []
  })
  expect(new Set(accepted)).toEqual(
    new Set(['purchase null', 'cancellation false', 'cancellation true']),
  )
  expect(examples.some(({ reasons }) => reasons.length > 1)).toBe(true)
})

test.each(examples)('the example $text has the verdict that the page says', (example) => {
  const reading = read(example)
  expect(reading.accepted ? [] : reading.violations.map(({ reason }) => reason)).toEqual(
    example.reasons,
  )
})

describe('the table of a mistake', () => {
  const rejected = examples.find(({ reasons }) => reasons.length > 0)
  const reading = rejected && read(rejected)

  test('says of each rule what the dead letter says', () => {
    const violations = reading && !reading.accepted ? reading.violations : []
    expect(violations).toHaveLength(3)
    for (const { reason, path, expected, received } of violations)
      expect(page).toContain(`| \`${reason}\` | \`${path}\` | ${expected} | \`${received}\` |`)
  })
})

test('names every field of the contract, and no other as one of its own', () => {
  const named = new Set([...page.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name))
  for (const field of KNOWN_FIELDS) expect(named).toContain(field)
  const fields = { ...purchaseSchema.shape, ...cancellationSchema.shape }
  const rows = [...page.matchAll(/^\| (`[^|]*) \| /gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name),
  )
  for (const name of rows) expect(name in fields || name in REASONS).toBe(true)
})

test('takes at most two pages', () => {
  expect(page.split(/\s+/).length).toBeLessThan(1_250)
})
