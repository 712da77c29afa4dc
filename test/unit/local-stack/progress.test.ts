import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import { progressLines, withProgress } from '../../../deploy/local/progress.ts'

const fail = () => Promise.reject(new Error('no'))
const report = (isTTY: boolean) => {
  const stream = new PassThrough()
  let written = ''
  stream.on('data', (chunk: Buffer) => (written += chunk.toString()))
  const onProgress = progressLines(Object.assign(stream, { isTTY }))
  return { onProgress, written: () => written }
}

test('without a terminal each change is a plain line', async () => {
  const { onProgress, written } = report(false)
  await withProgress(onProgress, 'starting it', async () => {})
  onProgress({ name: 'it', state: 'warning', text: 'is old' })
  expect(written()).toBe('… starting it\n✓ starting it (0 s)\n! it: is old\n')
})

test('a step that fails is reported and its error passes through', async () => {
  const { onProgress, written } = report(false)
  await expect(withProgress(onProgress, 'it', fail)).rejects.toThrow('no')
  expect(written()).toContain('✗ it (0 s)\n')
})

test('on a terminal the running steps share one line that goes away', () => {
  const { onProgress, written } = report(true)
  onProgress({ name: 'one', state: 'started' })
  onProgress({ name: 'two', state: 'started' })
  expect(written()).toContain('one 0 s, two 0 s')
  onProgress({ name: 'one', state: 'done' })
  onProgress({ name: 'two', state: 'done' })
  expect(written().endsWith('✓ two (0 s)\n\r\u001B[K')).toBe(true)
})
