// The calls that an activity thread has not answered yet.

import type { Info } from '@temporalio/activity'
import { CELL, type FromThread, NO_MESSAGE, unpackError } from './protocol.ts'
import { withResolvers } from './with-resolvers.ts'

/** One attempt of an activity. */
export type ActivityCall = {
  readonly name: string
  readonly args: readonly unknown[]
  readonly info: Info
  readonly signal: AbortSignal
  readonly heartbeat: (details: unknown) => void
}

export type LostCall = {
  /** False where the thread had not begun the call, which then cannot be the cause. */
  readonly hadBegun: boolean
  /** Index of the message that was being read, where one was. */
  readonly messageIndex: number | null
  /** True where the thread was destroyed because of this call, for which Temporal no longer waits. */
  readonly isGivenUp: boolean
}

/** The thread that ran the call was destroyed or has ended. */
export class ThreadLostError extends Error {
  override readonly name = 'ThreadLostError'
  readonly hadBegun: boolean
  readonly messageIndex: number | null
  readonly isGivenUp: boolean

  constructor(reason: string, { hadBegun, messageIndex, isGivenUp }: LostCall) {
    super(reason)
    this.hadBegun = hadBegun
    this.messageIndex = messageIndex
    this.isGivenUp = isGivenUp
  }
}

type Pending = {
  readonly heartbeat: ActivityCall['heartbeat']
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** @param cells the numbers that the thread shares */
export function createPendingCalls(cells: Int32Array) {
  const pending = new Map<number, Pending>()
  let lastId = 0

  const add = ({ heartbeat }: ActivityCall) => {
    lastId += 1
    const { promise: settled, ...settle } = withResolvers<unknown>()
    pending.set(lastId, { heartbeat, ...settle })
    return { id: lastId, settled }
  }
  /** Passes a message of the thread to the call that it belongs to. */
  const take = (message: FromThread) => {
    if (message.kind === 'ready') return
    const call = pending.get(message.id)
    if (message.kind === 'heartbeat') return call?.heartbeat(message.details)
    pending.delete(message.id)
    const { result, failure } = message.outcome
    if (failure) call?.reject(unpackError(failure))
    else call?.resolve(result)
  }
  /**
   * Fails all calls with ThreadLostError. The call that was begun last is most likely the cause and fails first. Calls that were
   * not begun fail last, because one of them may be the next attempt of a call that was.
   */
  const failAll = (reason: string, isGivenUp: boolean) => {
    const lastBegun = Atomics.load(cells, CELL.call)
    const message = Atomics.load(cells, CELL.message)
    const messageIndex = message === NO_MESSAGE ? null : message
    const calls = [...pending]
    const begun = calls.filter(([id]) => id <= lastBegun).toReversed()
    const waiting = calls.filter(([id]) => id > lastBegun)
    const at = { messageIndex, isGivenUp }
    for (const [, call] of begun)
      call.reject(new ThreadLostError(reason, { ...at, hadBegun: true }))
    for (const [, call] of waiting)
      call.reject(new ThreadLostError(reason, { ...at, hadBegun: false }))
    pending.clear()
  }
  return { add, take, failAll }
}
