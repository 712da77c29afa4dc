// The glossary names files that exist, and has the terms that an engineer who is new here looks up first.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const text = readFileSync('docs/glossary.md', 'utf8')
const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => join('docs', path))

test('every file it names exists', () => {
  expect(links.length).toBeGreaterThan(50)
  expect(links.filter((path) => !existsSync(path))).toEqual([])
})

test('every term has a meaning and a file', () => {
  const rows = text.split('\n').filter((line) => /^\| (?!term|---)/.test(line))
  expect(rows.length).toBeGreaterThan(50)
  for (const row of rows) expect(row).toMatch(/^\| [^|]+ \| [^|]{15,} \| \[[^|]+\) \|$/)
})

test.each([
  ['warehouse', 'warehouse/storage-write/adapter.ts', 'append: async'],
  ['answer', 'runtime/service-error.ts', 'function segmentType'],
  [
    'proxies',
    'workflows/proxies.ts',
    'stageEvents: localFirst(local.stageEvents, writing.stageEvents)',
  ],
  ['failed event, `EventFailure`', 'contracts/batch.ts', 'export type EventFailure'],
])('%s is where it says', (_term, path, code) => {
  expect(links).toContain(path)
  expect(readFileSync(path, 'utf8')).toContain(code)
})
