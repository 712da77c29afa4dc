// Does a step again without reading the messages, where a worker cannot finish it.

import { isOvertime } from './overtime.ts'

/** @param step is told whether it must not read them; at first it may */
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
