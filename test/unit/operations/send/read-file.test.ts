// Every line of a file is a message, byte for byte, wherever the file's reader cuts it.

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readMessages, splitLines } from '#operations/send/read-file'
import { UsageError } from '#runtime/errors'
import { createScratch } from '../../../support/scratch.ts'

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
  const line = Buffer.from([0xff, 0xfd, 0x00, 0xc3, 0x28, 0xa0, 0xe2, 0x80])
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

async function messagesIn(content: string | Uint8Array): Promise<string[]> {
  const file = join(scratch.dir, 'events')
  await writeFile(file, content)
  const messages: string[] = []
  for await (const { data } of readMessages(file)) messages.push(Buffer.from(data).toString())
  return messages
}

const A = '{"a":1}'
const B = '{"b":[2,{"c":"]},{"}]}'
const BOM = '\ufeff'

test.each<[string, string, readonly string[]]>([
  ['lines after a byte-order mark', `${BOM}${A}\r\n${B}\r\n`, [A, B]],
  ['a byte-order mark alone', BOM, []],
  ['a byte-order mark and blank lines', `${BOM}\r\n \r\n${A}`, [A]],
  ['an array on one line', `[${A},${B}]`, [A, B]],
  ['an array with a byte-order mark', `${BOM}[${A}, ${B}]\r\n`, [A, B]],
  ['an array of one event a line', `[${A},\n${B}]\n`, [A, B]],
  ['an array of one event a line, with CRLF', `[\r\n${A},\r\n${B}\r\n]\r\n`, [A, B]],
  ['an array with blank lines', `\n[\n\n${A},\n\n${B}\n]\n\n`, [A, B]],
  ['an empty array', ' [ ]\n', []],
  ['an empty array of several lines', '[\n]\n', []],
  [
    'an array of what is no event',
    '[1, "x]", null, [[]], {}]',
    ['1', '"x]"', 'null', '[[]]', '{}'],
  ],
  [
    'long numbers and escapes stay',
    '[{"n":1.00,"m":12345678901234567890,"t":"\\u00e4\\"]"}]',
    ['{"n":1.00,"m":12345678901234567890,"t":"\\u00e4\\"]"}'],
  ],
  ['an object of several lines', '{\n"a":1\n}\n', ['{\n"a":1\n}']],
  ['an object of several lines after blank ones', '\n\n{\n"a":1\n}', ['{\n"a":1\n}']],
  ['an object whose first line is not only a bracket', '{ "a":\n1\n}\n', ['{ "a":\n1\n}']],
  [
    'an object whose first line is a member',
    '{"a":1,\r\n"b":2}',
    ['{"a":1,\r\n"b":2}'.replace('\r', '')],
  ],
  ['lines of which the first breaks off', `{"a":\n${A}`, ['{"a":', A]],
  ['one line that breaks off', '{"a":', ['{"a":']],
  ['lines that are arrays', `[1]\n${A}\n[2]`, ['[1]', A, '[2]']],
  ['bad JSON on a line', `{bad\n${A}`, ['{bad', A]],
  ['a line of a text', 'hello\n', ['hello']],
])('%s', async (_what, content, expected) => {
  expect(await messagesIn(content)).toEqual(expected)
})

test('the elements of any array are read, however it is printed', async () => {
  const events = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), {
    minLength: 1,
  })
  const indents = fc.constantFrom(0, 2, '\t')
  const property = fc.asyncProperty(
    events,
    indents,
    fc.constantFrom('', BOM),
    async (all, indent, mark) => {
      const printed = JSON.stringify(all, null, indent)
      const read = await messagesIn(mark + printed.replaceAll('\n', '\r\n'))
      expect(read.map((text): unknown => JSON.parse(text))).toEqual(JSON.parse(printed))
    },
  )
  await fc.assert(property, { numRuns: 60 })
})

test.each<[string, string, string]>([
  ['an array that does not end', `[\n${A},\n`, 'line 3, column 1'],
  ['an array with a comma too many', `[\n${A},\n]`, 'line 3, column 1'],
  ['an array with a comma too few', `[\n  ${A}\n  ${B}\n]`, 'line 3, column 3'],
  ['an object that does not end', '{\n"a":1\n', 'line 3, column 1'],
  ['objects of several lines after each other', '{\n"a":1\n}\n{\n"a":2\n}', 'line 4, column 1'],
  ['an array and more', `[${A},\n${B}]\n${A}`, 'line 3, column 1'],
])('%s is refused, and the place is named', async (_what, content, place) => {
  await expect(messagesIn(content)).rejects.toThrow(UsageError)
  await expect(messagesIn(content)).rejects.toThrow(`is not JSON at ${place}`)
})

const utf16 = (text: string) => Buffer.from(text, 'utf16le')

test.each<[string, Buffer, string]>([
  ['UTF-16 with a mark', utf16(`${BOM}${A}\n`), 'UTF-16'],
  ['UTF-16 of the other order', utf16(`${BOM}${A}\n`).swap16(), 'UTF-16'],
  ['UTF-16 without a mark', utf16(`${A}\n`), 'UTF-16'],
  ['UTF-16 of the other order without a mark', utf16(`[${A}]\n`).swap16(), 'UTF-16'],
  ['UTF-16 that begins with a line end', utf16(`\r\n${A}\n`), 'UTF-16'],
  ['UTF-16 of nothing', utf16(BOM), 'UTF-16'],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), 'UTF-32'],
  ['UTF-32 of the other order', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x7b]), 'UTF-32'],
  ['UTF-32 without a mark', Buffer.from([0x7b, 0, 0, 0, 0x22, 0, 0, 0]), 'UTF-32'],
  [
    'UTF-32 of the other order without a mark',
    Buffer.from([0, 0, 0, 0x5b, 0, 0, 0, 0x7b]),
    'UTF-32',
  ],
])('%s is refused by name', async (_what, content, name) => {
  await expect(messagesIn(content)).rejects.toThrow(UsageError)
  await expect(messagesIn(content)).rejects.toThrow(` is ${name}, and only UTF-8 is read`)
})

test.each<[string, Buffer]>([
  ['gzip', gzipSync(`${A}\n${B}\n`)],
  ['zip', Buffer.from('PK\x03\x04\x14\0')],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04])],
  ['bzip2', Buffer.from('BZh91AY&SY')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
])('a file that is packed is refused by name: %s', async (name, content) => {
  await expect(messagesIn(content)).rejects.toThrow(UsageError)
  await expect(messagesIn(content)).rejects.toThrow(`is compressed (${name}), and only text`)
})

test('a folder is refused as one', async () => {
  const folder = join(scratch.dir, 'folder')
  await mkdir(folder)
  const reading = readMessages(folder).next()
  await expect(reading).rejects.toThrow(UsageError)
  await expect(reading).rejects.toThrow(`Cannot read events from ${folder}: it is a folder`)
})
