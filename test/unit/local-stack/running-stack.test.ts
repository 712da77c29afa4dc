import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import {
  forgetRunningStack,
  noteRunningStack,
  readRunningStack,
} from '../../../deploy/local/running-stack.ts'
import { createScratch } from '../../support/scratch.ts'

const scratch = createScratch()
afterAll(() => scratch.remove())

const note = (dataDir: string, pid = process.pid) => ({
  pid,
  dataDir,
  logDir: `${dataDir}/logs`,
  uiUrl: 'http://127.0.0.1:8233',
  env: { TEMPORAL_ADDRESS: '127.0.0.1:7233' },
})
// Process ids end far below this one.
const deadPid = 2 ** 30

test('a noted stack is found until it is forgotten', async () => {
  const file = join(scratch.dir, 'found.json')
  await noteRunningStack(note('/a'), file)
  expect(await readRunningStack(file)).toEqual(note('/a'))
  await forgetRunningStack(note('/a'), file)
  expect(existsSync(file)).toBe(false)
})

test('the note of a dead process does not count and gives way', async () => {
  const file = join(scratch.dir, 'dead.json')
  await noteRunningStack(note('/dead', deadPid), file)
  expect(await readRunningStack(file)).toBeUndefined()
  await noteRunningStack(note('/b'), file)
  expect(await readRunningStack(file)).toEqual(note('/b'))
})

test('a second stack neither takes over nor removes the note of the first', async () => {
  const file = join(scratch.dir, 'second.json')
  await noteRunningStack(note('/first'), file)
  await noteRunningStack(note('/second'), file)
  await forgetRunningStack(note('/second'), file)
  expect(await readRunningStack(file)).toEqual(note('/first'))
})
