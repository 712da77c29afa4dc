// Starts the reference in a thread of its own.

import { Worker } from 'node:worker_threads'
import type { Answer } from './answer.ts'
import type { Parameter, ReferenceTable } from './reference.ts'
import type { Request, Response } from './reference-messages.ts'

/** Answers as `Reference` of reference.ts does. */
export type ThreadedReference = (sql: string, parameters?: readonly Parameter[]) => Promise<Answer>

export type ReferenceThread = {
  readonly open: (tables: readonly ReferenceTable[]) => Promise<ThreadedReference>
  readonly stop: () => Promise<unknown>
}

type Waiting = {
  readonly resolve: (result: Response['result']) => void
  readonly reject: (error: unknown) => void
}

const THREAD = new URL('reference-thread.ts', import.meta.url)
// It makes TypeScript known to a thread.
const ENTRY = new URL('../../../workers/isolation/thread-entry.js', import.meta.url)

/** `folder` is where the analyzer is installed. Every call is rejected once the thread has failed. */
export function startReference(folder: string): ReferenceThread {
  const worker = new Worker(ENTRY, { workerData: { main: THREAD.href, folder }, execArgv: [] })
  const waiting = new Map<number, Waiting>()
  worker.on('message', ({ id, result }: Response) => {
    waiting.get(id)?.resolve(result)
    waiting.delete(id)
  })
  let failure: unknown
  worker.on('error', (error) => {
    failure = error
    for (const { reject } of waiting.values()) reject(error)
  })
  let asked = 0
  const call = (request: Request) =>
    new Promise<Response['result']>((resolve, reject) => {
      if (failure !== undefined) throw failure
      const id = asked++
      waiting.set(id, { resolve, reject })
      worker.postMessage({ id, request }, [])
    })
  return {
    open: async (tables) => {
      const reference = Number(await call({ method: 'open', tables }))
      return async (sql, parameters = []) =>
        answerOf(await call({ method: 'ask', reference, sql, parameters }))
    },
    stop: () => worker.terminate(),
  }
}

function answerOf(result: Response['result']): Answer {
  if (typeof result === 'number') throw new Error('A question was answered with a number.')
  return result
}
