// What processes use: CPU time, and the most memory they had while they were watched.

import pidusage from 'pidusage'

export type Usage = {
  readonly cpuSeconds: number
  /** Resident set, the largest seen. */
  readonly peakBytes: number
}

type Process = { readonly pid: number }

const SAMPLE_MS = 250

/** Watches the processes while `work` runs. */
export async function watched<Result>(
  processes: readonly Process[],
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly usages: readonly Usage[] }> {
  const before = await sample(processes)
  let peaks = before.map(({ memory }) => memory)
  const look = async () => {
    const now = await sample(processes)
    peaks = peaks.map((peak, i) => Math.max(peak, now[i]?.memory ?? 0))
  }
  const timer = setInterval(() => void look(), SAMPLE_MS)
  try {
    const result = await work()
    const after = await sample(processes)
    const usages = after.map(({ ctime, memory }, i) => ({
      cpuSeconds: (ctime - (before[i]?.ctime ?? 0)) / 1000,
      peakBytes: Math.max(memory, peaks[i] ?? 0),
    }))
    return { result, usages }
  } finally {
    clearInterval(timer)
  }
}

async function sample(processes: readonly Process[]) {
  return Promise.all(processes.map(({ pid }) => pidusage(pid)))
}
