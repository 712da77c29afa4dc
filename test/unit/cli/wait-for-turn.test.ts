// Waiting for what another process uses: told once for each reason, and bounded.

import { afterEach, expect, jest, test } from '@jest/globals'
import { StillBusyError, waitForTurn } from '../../../cli/wait-for-turn.ts'

const found = { found: true }

afterEach(() => void jest.restoreAllMocks())

/** Answers one after the other, the last of them again and again. */
function answers(...list: readonly ({ busy: string } | { found: boolean })[]) {
  let asked = 0
  const look = async () => list[Math.min(asked++, list.length - 1)] ?? found
  return { look, asked: () => asked }
}

test('what is free is had at once, without a word', async () => {
  const told: string[] = []
  expect(await waitForTurn(answers(found).look, (text) => told.push(text))).toBe(found)
  expect(told).toEqual([])
})

test('each reason for waiting is told once, with the bound', async () => {
  const told: string[] = []
  const [a, b] = [{ busy: 'Process 1 has it.' }, { busy: 'Process 2 has it.' }]
  const { look } = answers(a, a, b, a, found)
  expect(await waitForTurn(look, (text) => told.push(text))).toBe(found)
  expect(told).toEqual([
    'Process 1 has it. Waiting for at most 30 s.',
    'Process 2 has it. Waiting for at most 30 s.',
  ])
})

test('it gives up when the time is over, and says why it waited', async () => {
  let nowMs = 0
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs)
  const { look, asked } = answers({ busy: 'Process 1 has it.' })
  const lookFor200Ms = () => {
    nowMs += 200
    return look()
  }
  const began = performance.now()
  const error: unknown = await waitForTurn(lookFor200Ms, () => {}, 500).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StillBusyError)
  expect(String(error)).toContain('Process 1 has it. It is still so after 0.5 s: try again')
  expect(asked()).toBe(3)
  // It pauses between two looks.
  expect(performance.now() - began).toBeGreaterThan(390)
})

test('what fails for another reason fails at once', async () => {
  const broken = async () => {
    throw new Error('the file is damaged')
  }
  await expect(waitForTurn(broken, () => {})).rejects.toThrow('the file is damaged')
})
