// Failed attempts, read from histories as real runs wrote them.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { temporal } from '@temporalio/proto'
import { attemptsOf } from '#operations/trace/attempts'

const attemptsIn = (name: string) => {
  const text = readFileSync(`test/workflow/histories/${name}.json`, 'utf8')
  return attemptsOf(temporal.api.history.v1.History.fromObject(JSON.parse(text)))
}

test('a batch without trouble has none', () => {
  expect(attemptsIn('good-batch')).toEqual([])
})

test('each step that failed is told with its name, its attempt and why', () => {
  const attempts = attemptsIn('batch-with-dead-letters')
  expect(attempts.map(({ step, attempt }) => [step, attempt])).toEqual([
    ['stageEvents', 1],
    ['activateEvents', 1],
  ])
  expect(attempts[0]?.failure).toContain('answered 503')
  expect(attempts.map(({ at }) => at)).toEqual(attempts.map(({ at }) => at).toSorted())
})
