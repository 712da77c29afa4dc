// The main thread's side of one activity thread: it sends calls, and destroys the thread where the thread is blocked or ends.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type ActivityCall, createPendingCalls, ThreadLostError } from './pending-calls.ts'
import {
  CELL,
  createCells,
  type FromThread,
  type MetricUpdate,
  type ThreadData,
  type ThreadReady,
  type ToThread,
} from './protocol.ts'
import { cpuMsOf } from './thread-cpu.ts'
import { STUCK_AFTER_MS, watchLoop } from './watch-loop.ts'
import { withResolvers } from './with-resolvers.ts'

export type ActivityThread = {
  /** The names of the activities that the thread runs. */
  readonly names: readonly string[]
  /** Resolves to the reason when the thread was destroyed or has ended; never settles where it was closed. */
  readonly lost: Promise<string>
  /** @throws ThreadLostError where the thread is lost, or the error of the activity */
  run(call: ActivityCall): Promise<unknown>
  /** Ends the thread at once, so that its calls fail. `isGivenUp` says that Temporal no longer waits for any of them. */
  destroy(reason: string, isGivenUp?: boolean): void
  /** Lets the thread close its connections, then ends it. There must be no calls left. */
  close(): Promise<void>
}

export type ThreadOptions = {
  /** The module that serves the activities. */
  readonly main: URL
  readonly record: (updates: readonly MetricUpdate[]) => void
}

/** The whole process peaks near 350 MB: a thread that needs more than this is out of control. */
const MAX_HEAP_MB = 600

/** Connections that are not closed within this time are closed with the process. */
const CLOSE_WITHIN_MS = 5_000

const ENTRY = new URL('./thread-entry.js', import.meta.url)

/** @throws the error of the module of the thread, where it fails while it starts */
export async function startActivityThread(options: ThreadOptions): Promise<ActivityThread> {
  const cells = createCells()
  const workerData: ThreadData = { main: options.main.href, cells }
  const worker = new Worker(ENTRY, {
    workerData,
    // The flags of the process are for the main thread only, except that a CPU profile has all threads.
    execArgv: process.execArgv.filter((flag) => flag.startsWith('--cpu-prof')),
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  })
  worker.on('exit', (code) => worker.emit('error', new Error(`it ended with code ${code}`)))
  // A thread that fails while it starts fails the wait below, and ends afterwards: then nothing else listens to its end.
  worker.on('error', () => {})
  const [ready]: ThreadReady[] = await once(worker, 'message')
  const { names = [], task = null } = ready ?? {}
  return { names, ...connect({ worker, cells, task }, options.record) }
}

const UNBEGUN = { hadBegun: false, messageIndex: null, isGivenUp: false }

type Started = {
  readonly worker: Worker
  readonly cells: Int32Array
  readonly task: ThreadReady['task']
}

function connect({ worker, cells, task }: Started, record: ThreadOptions['record']) {
  const calls = createPendingCalls(cells)
  const { promise: lost, resolve: tellLost } = withResolvers<string>()
  let lostBecause: string | undefined
  const end = (reason: string) => {
    lostBecause ??= reason
    stopWatch()
  }
  const destroy = (reason: string, isGivenUp = false) => {
    if (lostBecause !== undefined) return
    end(reason)
    void worker.terminate()
    tellLost(reason)
    calls.failAll(reason, isGivenUp)
  }
  const stopWatch = watchLoop({
    beat: () => Atomics.load(cells, CELL.beat),
    cpuMs: () => cpuMsOf(task),
    onStuck: () => destroy(`its event loop did not turn for ${STUCK_AFTER_MS} ms`),
  })
  worker.on('error', (error) => destroy(error.message))
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'settled') record(message.metrics)
    calls.take(message)
  })
  const post = (message: ToThread, transfer: ArrayBuffer[] = []) =>
    worker.postMessage(message, transfer)

  const run = async (call: ActivityCall): Promise<unknown> => {
    if (lostBecause !== undefined) throw new ThreadLostError(lostBecause, UNBEGUN)
    const { id, settled } = calls.add(call)
    const { args, transfer } = copied(call.args)
    const cancel = () => post({ kind: 'cancel', id, reason: String(call.signal.reason) })
    call.signal.addEventListener('abort', cancel, { once: true })
    post({ kind: 'call', id, name: call.name, args, info: call.info }, transfer)
    if (call.signal.aborted) cancel()
    return settled.finally(() => call.signal.removeEventListener('abort', cancel))
  }
  const close = async () => {
    end('it was closed')
    const exited = once(worker, 'exit', { signal: AbortSignal.timeout(CLOSE_WITHIN_MS) })
    post({ kind: 'close' })
    await exited.catch(() => worker.terminate())
  }
  return { lost, run, destroy, close }
}

/** Copies a batch once and transfers the copy to the thread, so that the caller keeps its bytes. */
function copied(args: readonly unknown[]) {
  const transfer: ArrayBuffer[] = []
  const copies = args.map((arg) => {
    if (!(arg instanceof Uint8Array)) return arg
    const copy = new Uint8Array(arg)
    transfer.push(copy.buffer)
    return copy
  })
  return { args: copies, transfer }
}
