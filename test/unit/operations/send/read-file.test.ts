// Every line of a file is a message, byte for byte, wherever the file's reader cuts it.

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { readMessages, splitLines } from '#operations/send/read-file'
import { UsageError } from '#runtime/errors'
import { createScratch } from '../../../integration/local-stack/scratch.ts'

const scratch = createScratch()
afterAll(() => scratch.remove())

async function linesOf(...chunks: readonly string[]): Promise<string[]> {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const lines: string[] = []
  for await (const line of splitLines(source())) lines.push(line.toString('latin1'))
  return lines
}

test.each<[string, readonly string[], readonly string[]]>([
  ['LF ends a line', ['a\nb\n'], ['a', 'b']],
  ['CRLF ends a line', ['a\r\nb\r\n'], ['a', 'b']],
  ['CRLF may be cut in two', ['a\r', '\nb'], ['a', 'b']],
  ['the last line needs no end', ['a\nb'], ['a', 'b']],
  ['the last line may end with CR', ['a\nb\r'], ['a', 'b']],
  ['only one CR is the end, one elsewhere stays', ['a\rb\r\r\n'], ['a\rb\r']],
  ['a line may come in pieces', ['a', 'b', 'c\nd', 'e'], ['abc', 'de']],
  ['blank lines are skipped', ['\n \t\n\r\na\n\n'], ['a']],
  ['spaces around a line stay', [' a \n'], [' a ']],
  ['nothing is no line', [], []],
])('%s', async (_name, chunks, lines) => {
  expect(await linesOf(...chunks)).toEqual(lines)
})

test('what is not UTF-8 stays as it is', async () => {
  const line = Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0xa0, 0xe2, 0x80])
  const file = join(scratch.dir, 'bytes.ndjson')
  await writeFile(file, Buffer.concat([line, Buffer.from('\r\n'), line, Buffer.from('\n')]))
  const messages: Uint8Array[] = []
  for await (const { data } of readMessages(file)) messages.push(data)
  expect(messages).toEqual([line, line])
})

test('a file that is not there is named', async () => {
  const file = join(scratch.dir, 'gone.ndjson')
  await rm(file, { force: true })
  const reading = readMessages(file).next()
  await expect(reading).rejects.toThrow(UsageError)
  await expect(reading).rejects.toThrow(file)
})
