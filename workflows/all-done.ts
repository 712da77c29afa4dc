// Waits for steps that run at the same time.

/** Like `Promise.all`, but settles only when all steps have settled: the audit log is written even where staging fails. */
export async function allDone<T extends readonly unknown[]>(
  steps: {
    [K in keyof T]: Promise<T[K]>
  },
): Promise<T> {
  await Promise.allSettled(steps)
  return Promise.all(steps)
}
