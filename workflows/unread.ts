// Runs a step again without parsing the messages, where a worker cannot finish it.

import { isOvertime } from './overtime.ts'

/** @param step runs with `false` first, and with `true`, where it must not parse the messages, if that cannot be finished */
export async function unreadIfNeeded<Result>(
  step: (isUnread: boolean) => Promise<Result>,
): Promise<Result> {
  try {
    return await step(false)
  } catch (error) {
    if (!isOvertime(error)) throw error
    return step(true)
  }
}
