// The runs of a person: every batch and every dead letter is asked for, however many there are, and its id ends no text of a query.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { openLettersOf, runsOfPerson } from '#runtime/runs-of-person'
import { quoted } from '#runtime/workflow-runs'

function listing() {
  const asked: string[] = []
  const client: Client = Object({
    workflow: {
      async *list({ query }: { query: string }) {
        asked.push(query)
        for (const [, id] of query.matchAll(/WorkflowId = '([^']+)'/g))
          yield { workflowId: id, runId: `run-of-${id}`, status: { name: 'FAILED' } }
      },
    },
  })
  return { client, asked }
}

const ids = (of: string, count: number) => Array.from({ length: count }, (_, at) => `${of}-${at}`)
const idsOf = (runs: readonly { readonly workflowId: string }[]) =>
  runs.map(({ workflowId }) => workflowId)

test.each([0, 1, 9, 10, 11, 25])('%d batches and dead letters are asked for', async (count) => {
  const { client, asked } = listing()
  const batches = ids('batch', count)
  const letters = ids('dead-letter/batch', count)
  const { ofBatches, ofLetters } = await runsOfPerson(client, { batches, letters })
  expect(idsOf(ofBatches)).toEqual(batches)
  expect(idsOf(ofLetters)).toEqual(letters)
  expect(asked).toHaveLength(2 * Math.ceil(count / 10))
})

test('a batch that was split is asked for with all of its parts, once', async () => {
  const { client, asked } = listing()
  await runsOfPerson(client, { batches: ['batch-1/a', 'batch-1/b/c', 'batch-1'], letters: [] })
  expect(asked).toEqual([
    "(WorkflowId = 'batch-1' OR WorkflowId STARTS_WITH 'batch-1/' OR (BatchId = 'batch-1' AND WorkflowType != 'deadLetter'))",
  ])
})

test('dead letters that are being resolved are those that run, of each batch', async () => {
  const { client, asked } = listing()
  await openLettersOf(client, ids('batch', 11))
  expect(asked).toHaveLength(2)
  const conditions = asked.flatMap((query) => query.split(' OR '))
  expect(conditions).toEqual(
    ids('batch', 11).map(
      (id) => `(WorkflowType = 'deadLetter' AND ExecutionStatus = 'Running' AND BatchId = '${id}')`,
    ),
  )
})

test.each([
  ["O'Hara", String.raw`'O\'Hara'`],
  ['a\\', String.raw`'a\\'`],
  [String.raw`\' OR 1 = 1`, String.raw`'\\\' OR 1 = 1'`],
])('an id cannot end its text: %s', (id, text) => {
  expect(quoted(id)).toBe(text)
})
