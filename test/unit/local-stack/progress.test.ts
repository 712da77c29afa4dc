import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { progressLines, withProgress } from '../../../deploy/local/progress.ts'

beforeEach(() => void jest.spyOn(performance, 'now').mockReturnValue(1_000))
afterEach(() => void jest.restoreAllMocks())

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

test.each(['name', 'text'] as const)(
  'a control character in the %s does not reach the terminal',
  (place) => {
    for (const isTTY of [false, true]) {
      const { onProgress, written } = report(isTTY)
      onProgress({ name: 'it', state: 'warning', text: 'is old', [place]: 'a\u001B]0;x\u0007b' })
      expect(written()).not.toContain('\u001B]')
      expect(written()).not.toContain('\u0007')
    }
  },
)
