// What Segment answers to runs that wait: by the activities of activation alone, the most frequent failure first.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { readFailures } from '#operations/activation/segment-answers'

type Activity = { readonly type: string; readonly message?: string; readonly seconds?: number }

/** A Temporal with these runs, by workflow id. */
function temporalWith(runs: Readonly<Record<string, readonly Activity[]>>) {
  const described: string[] = []
  const client: Client = Object({
    workflow: {
      async *list({ query }: { query: string }) {
        const isLater = query.includes('activateLater')
        for (const workflowId of Object.keys(runs))
          if (workflowId.startsWith('later') === isLater) yield { workflowId }
      },
      getHandle: (id: string) => ({
        describe: async () => {
          described.push(id)
          const pendingActivities = runs[id]?.map(({ type, message, seconds }) => ({
            activityType: { name: type },
            lastFailure: message === undefined ? null : { message },
            lastStartedTime: seconds === undefined ? null : { seconds },
          }))
          return { raw: { pendingActivities } }
        },
      }),
    },
  })
  return { client, described }
}

const AT = Date.parse('2026-11-20T10:00:00Z') / 1000

test('failures are counted by what they say, with the time of the last', async () => {
  const { client } = temporalWith({
    a: [{ type: 'activateEvents', message: 'Segment: answered 401', seconds: AT + 5 }],
    b: [{ type: 'activateEvents', message: 'Segment: answered 503\n at x', seconds: AT + 9 }],
    c: [
      { type: 'stageEvents', message: 'BigQuery: no answer', seconds: AT },
      { type: 'activateEvents' },
    ],
    later: [{ type: 'activateWaiting', message: 'Segment: answered 503', seconds: AT + 7 }],
    'later-2': [{ type: 'activateWaiting', message: 'said jane.doe@example.com' }],
  })
  const failures = await readFailures(client)
  expect(failures).toEqual([
    { message: 'Segment: answered 503', activities: 2, lastAt: '2026-11-20T10:00:09.000Z' },
    { message: 'Segment: answered 401', activities: 1, lastAt: '2026-11-20T10:00:05.000Z' },
    { message: expect.not.stringContaining('jane'), activities: 1, lastAt: null },
  ])
})

test('of many runs of a type, twenty are looked at', async () => {
  const runs = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`run-${at}`, []]))
  const { client, described } = temporalWith(runs)
  expect(await readFailures(client)).toEqual([])
  expect(described).toHaveLength(20)
})
