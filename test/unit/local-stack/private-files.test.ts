// Only the user who runs the stack may read what it writes of events and keys, also where the files were there before.

import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { makePrivateFolder } from '../../../deploy/local/private-folder.ts'
import { startProcess } from '../../../deploy/local/process.ts'
import { writeNote } from '../../../deploy/local/running-stack.ts'
import { createCallLog } from '../../../deploy/local/segment/call-log.ts'
import { createScratch } from '../../support/scratch.ts'

const scratch = createScratch()
afterAll(() => scratch.remove())

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** A folder with this file that everybody may read, or without it. */
function folderWith(file: string, isThere: boolean): string {
  const dir = join(scratch.dir, `${file}-${isThere}`)
  mkdirSync(dir)
  chmodSync(dir, 0o755)
  if (isThere) {
    writeFileSync(join(dir, file), '')
    chmodSync(join(dir, file), 0o644)
  }
  return dir
}

const WRITES: Readonly<Record<string, (dir: string, file: string) => Promise<void>>> = {
  'calls.ndjson': async (dir, file) => {
    const log = createCallLog(join(dir, file))
    log.append([{ messageId: 'a' }])
    log.close()
  },
  'running.json': async (dir, file) => writeNote(join(dir, file), { env: {} }),
  'ends.log': async (dir) => {
    const command = [process.execPath, '-e', '0'] as const
    const running = await startProcess({ name: 'ends', command, logDir: dir })
    await running.exited
  },
}

test.each(
  Object.keys(WRITES).flatMap((file) => [true, false].map((isThere) => ({ file, isThere }))),
)('$file, there before: $isThere', async ({ file, isThere }) => {
  const dir = folderWith(file, isThere)
  await WRITES[file]?.(dir, file)
  expect(modeOf(join(dir, file))).toBe('600')
})

test('a private folder takes the rights of others from its files and from itself', async () => {
  const dir = folderWith('events.ndjson', true)
  await makePrivateFolder(dir)
  expect([modeOf(dir), modeOf(join(dir, 'events.ndjson'))]).toEqual(['700', '600'])
  const made = join(dir, 'new', 'inner')
  await makePrivateFolder(made)
  expect(modeOf(made)).toBe('700')
})
