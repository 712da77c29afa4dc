// A patch, and an edited export, as editors save them: with a byte-order mark, CRLF, or printed as one array.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readEditedEvents } from '#operations/dead-letters/edited-events'
import { exportLines } from '#operations/dead-letters/export'
import { readMessages } from '#operations/send/read-file'
import { UsageError } from '#runtime/errors'
import { readPatch } from '../../../../cli/dead-letters/patch-file.ts'
import { storedEvent } from '../../../support/stored-event.ts'

let file = ''
beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'saved-')), 'file')
})
afterAll(() => rm(join(file, '..'), { recursive: true, force: true }))

const MARK = '\ufeff'
const PATCH = [{ op: 'replace', path: '/amount', value: 30_000 }]
const OPERATION = { op: 'replace', path: '/amount', value: expect.stringContaining('30000') }

describe('a patch', () => {
  test('as an editor saved it', async () => {
    expect(await readPatch('test/fixtures/cases/H19.patch-saved-by-notepad.json')).toEqual([
      OPERATION,
    ])
  })

  test.each([
    ['with a byte-order mark', MARK + JSON.stringify(PATCH)],
    ['with a byte-order mark and CRLF', `${MARK}${JSON.stringify(PATCH)}\r\n`],
    ['pretty-printed', JSON.stringify(PATCH, null, 2)],
    ['pretty-printed with CRLF', JSON.stringify(PATCH, null, 2).replaceAll('\n', '\r\n')],
    ['with blank lines before it', `\r\n\r\n${JSON.stringify(PATCH)}`],
  ])('%s is read from a file, and as it is', async (_what, text) => {
    await writeFile(file, text)
    expect(await readPatch(file)).toEqual([OPERATION])
    expect(await readPatch(text)).toEqual([OPERATION])
  })

  test('in UTF-16 is refused by name', async () => {
    for (const mark of [MARK, '']) {
      await writeFile(file, Buffer.from(mark + JSON.stringify(PATCH), 'utf16le'))
      await expect(readPatch(file)).rejects.toThrow(UsageError)
      await expect(readPatch(file)).rejects.toThrow(/is UTF-16, and only UTF-8 is read/)
    }
  })
})

describe('an edited export', () => {
  const events = [1, 2].map((n) =>
    storedEvent({ message_id: `m${n}`, data: Buffer.from(`{"n":${n}}`) }),
  )
  const edited = () =>
    exportLines(events[0]?.dead_letter_id ?? '', events)
      .replaceAll('"n":', '"more":1.50,"n":')
      .split('\n')
  const changes = async (): Promise<(string | undefined)[]> => {
    const { edit } = await readEditedEvents(readMessages(file), file)
    return events.map((event) => edit(event)?.data.toString())
  }
  const CHANGED = ['{"more":1.50,"n":1}', '{"more":1.50,"n":2}']

  test.each<[string, (lines: readonly string[]) => string]>([
    ['as it was written', (lines) => lines.join('\n')],
    ['with a byte-order mark and CRLF', (lines) => MARK + lines.join('\r\n')],
    ['as an array', (lines) => `[${lines.join(',')}]`],
    ['as an array of one event a line', (lines) => `${MARK}[\r\n${lines.join(',\r\n')}\r\n]\r\n`],
    [
      'as an array printed over several lines',
      (lines) => `[\n${lines.join('\n,\n').replaceAll(',"', ',\n  "')}\n]`,
    ],
  ])('%s', async (_what, written) => {
    await writeFile(file, written(edited()))
    expect(await changes()).toEqual(CHANGED)
  })

  test('in UTF-16 is refused by name', async () => {
    await writeFile(file, Buffer.from(MARK + edited().join('\n'), 'utf16le'))
    await expect(readEditedEvents(readMessages(file), file)).rejects.toThrow(
      /is UTF-16, and only UTF-8 is read/,
    )
  })
})
