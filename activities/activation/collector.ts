// Collects what several callers ask at nearly the same time, and answers all of them with one question.

export type CollectorOptions<Item> = {
  /** While questions follow each other, one begins this long after the one before. The first one begins at once. */
  readonly everyMs: number
  /** True where the items are asked without waiting any longer. */
  readonly isFull: (items: readonly Item[]) => boolean
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
}

export type Collector<Item, Answer> = {
  /** @throws the error of the question that the item was part of */
  collect(item: Item): Promise<Answer>
}

type Caller<Item, Answer> = {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** @param ask answers for all items together; its answer goes to every caller */
export function createCollector<Item, Answer>(
  ask: (items: readonly Item[]) => Promise<Answer>,
  { everyMs, isFull, now }: CollectorOptions<Item>,
): Collector<Item, Answer> {
  let callers: Caller<Item, Answer>[] = []
  let timer: NodeJS.Timeout | undefined
  let lastAskedAt = Number.NEGATIVE_INFINITY

  const askNow = () => {
    clearTimeout(timer)
    timer = undefined
    const asking = callers
    callers = []
    lastAskedAt = now()
    ask(asking.map(({ item }) => item)).then(
      (answer) => asking.forEach(({ resolve }) => resolve(answer)),
      (error: unknown) => asking.forEach(({ reject }) => reject(error)),
    )
  }

  return {
    collect: (item) =>
      new Promise((resolve, reject) => {
        callers.push({ item, resolve, reject })
        if (isFull(callers.map((caller) => caller.item))) return askNow()
        timer ??= setTimeout(askNow, Math.max(0, lastAskedAt + everyMs - now()))
      }),
  }
}

/** Full where so many lists are collected, or so many items in all of them together. */
export const fullAt =
  (maxLists: number, maxItems: number) =>
  (lists: readonly (readonly unknown[])[]): boolean =>
    lists.length >= maxLists || lists.reduce((items, { length }) => items + length, 0) >= maxItems
