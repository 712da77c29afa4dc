// What an erasure that is asked for does: it starts, joins one that runs, or finds nothing that is left; and how far one is.

import { expect, test } from '@jest/globals'
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { ERASED, NO_ROWS } from '#contracts'
import { readEraseStatus, startErasure } from '#operations/erase/erase'
import { checkPerson, subjectOf } from '#operations/erase/subject'
import type { Reader } from '#warehouse/read'

const PERSON = { partnerId: 'dealer-7', customerId: 'C101' }
const WHO = { actor: ' ann ', reason: 'request 4711' }
const RECEIPT = { subject: subjectOf(PERSON), rows: NO_ROWS }

type World = {
  /** The state of the run; absent where there is none. */
  readonly status?: string
  readonly isErased?: boolean
  /** Rows of the audit log that are left. */
  readonly left?: number
  readonly hasWorker?: boolean
  readonly startError?: Error
}

function worldOf({ status, isErased = false, left = 0, hasWorker = true, startError }: World) {
  const started: { readonly args: readonly unknown[] }[] = []
  const client: Client = Object({
    options: { namespace: 'cars' },
    connection: { withDeadline: (_deadline: Date, work: () => unknown) => work() },
    workflow: {
      getHandle: () => ({
        describe: async () => {
          if (status === undefined) throw new WorkflowNotFoundError('none', 'id', undefined)
          return { status: { name: status } }
        },
        query: async () => ({ step: 'erasing' }),
      }),
      start: async (_type: string, options: (typeof started)[number]) => {
        if (startError) throw startError
        started.push(options)
      },
      list: async function* list() {},
    },
    workflowService: {
      describeTaskQueue: async () => ({
        pollers: hasWorker ? [{ lastAccessTime: { seconds: Date.now() / 1000 } }] : [],
      }),
    },
  })
  const place = { batch_id: 'batch-1', dead_letter_id: null, events: left }
  const store: Reader = Object(async ({ sql }: { sql: string }) => {
    if (sql.includes('erasure_log')) return isErased ? [{ receipt: RECEIPT }] : []
    const isCount = sql.startsWith('SELECT batch_id') && sql.includes('audit_log')
    return isCount && left > 0 ? [place] : []
  })
  return { erasing: { client, store, taskQueue: 'queue' }, started }
}

const AT_ONCE = new WorkflowExecutionAlreadyStartedError('runs', 'id', 'eraseCustomer')

test.each([
  [{}, 'started'],
  [{ left: 3 }, 'started'],
  [{ status: 'FAILED', left: 3 }, 'started'],
  [{ isErased: true, left: 3 }, 'started'],
  [{ isErased: true, status: 'COMPLETED' }, 'nothing'],
  [{ status: 'RUNNING', isErased: true }, 'joined'],
  [{ startError: AT_ONCE }, 'joined'],
])('with %j: %s', async (world, did) => {
  const { erasing, started } = worldOf(world)
  expect(await startErasure(erasing, PERSON, WHO)).toEqual({ subject: subjectOf(PERSON), did })
  expect(started).toHaveLength(did === 'started' ? 1 : 0)
})

test('a start has the person, who asked and why, and a salt that no other start has', async () => {
  const { erasing, started } = worldOf({})
  await startErasure(erasing, { partnerId: ' dealer-7 ', customerId: 'C101\t' }, WHO)
  await startErasure(erasing, PERSON, WHO)
  const [one, other] = started.map(({ args }) => Object(args[1]))
  expect(started[0]).toMatchObject({
    workflowId: `erase/${subjectOf(PERSON)}`,
    taskQueue: 'queue',
    args: [subjectOf(PERSON), { ...PERSON, actor: 'ann', reason: 'request 4711' }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
  })
  expect(one.salt).toMatch(/^[0-9a-f]{32}$/)
  expect(other.salt).not.toBe(one.salt)
  expect(Math.abs(Date.now() - Date.parse(one.requestedAt))).toBeLessThan(60_000)
  expect(
    JSON.stringify(Object.entries(started[0] ?? {}).filter(([name]) => name !== 'args')),
  ).not.toContain('C101')
})

test('it is not started where no worker would take it', async () => {
  const { erasing, started } = worldOf({ hasWorker: false })
  await expect(startErasure(erasing, PERSON, WHO)).rejects.toMatchObject({ code: 'worker_missing' })
  expect(started).toEqual([])
})

test.each([
  [{}, { state: 'never' }],
  [{ isErased: true }, { state: 'done', receipt: RECEIPT }],
  [
    { isErased: true, status: 'COMPLETED' },
    { state: 'done', receipt: RECEIPT },
  ],
  [
    { isErased: true, status: 'TERMINATED' },
    { state: 'failed', status: 'TERMINATED' },
  ],
  [
    { status: 'RUNNING', isErased: true },
    { state: 'running', progress: { step: 'erasing' } },
  ],
])('the state with %j: %j', async (world, status) => {
  const { erasing } = worldOf(world)
  expect(await readEraseStatus(erasing, PERSON)).toEqual({ subject: subjectOf(PERSON), ...status })
})

test.each([
  [{ partnerId: '', customerId: 'C101' }, '', 'person_invalid'],
  [{ partnerId: 'dealer-7', customerId: ' \t' }, '', 'person_invalid'],
  [{ partnerId: 'dealer-7', customerId: ERASED }, '', 'person_invalid'],
  [PERSON, 'asked by C101', 'reason_names_person'],
])('%j with the reason %j is refused', (person, reason, code) => {
  expect(() => checkPerson(person, reason)).toThrow(expect.objectContaining({ code }))
})
