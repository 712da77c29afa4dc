// A file of exported events: only its owner may read it, and no file is overwritten.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { UsageError } from '#runtime/errors'
import { writeExport } from '../../../../cli/dead-letters/export.ts'

const folder = mkdtempSync(join(tmpdir(), 'export-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('it ends with a line feed, and others may not read it', async () => {
  const file = join(folder, 'new.ndjson')
  await writeExport(file, '{"a":1}\n{"b":2}')
  expect(readFileSync(file, 'utf8')).toBe('{"a":1}\n{"b":2}\n')
  expect(statSync(file).mode & 0o777 & ~0o600).toBe(0)
})

test.each([
  ['old.ndjson', 'already'],
  [join('none', 'new.ndjson'), 'cannot be written'],
])('%s %s', async (name, words) => {
  writeFileSync(join(folder, 'old.ndjson'), 'edited')
  const writing = writeExport(join(folder, name), '{}')
  await expect(writing).rejects.toBeInstanceOf(UsageError)
  await expect(writing).rejects.toThrow(words)
  expect(readFileSync(join(folder, 'old.ndjson'), 'utf8')).toBe('edited')
})
