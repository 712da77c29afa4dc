// Counts work by size: whether twice the input costs about twice the CPU.

/** What a size of this costs at most says nothing: garbage collection and compilation cost as much. */
const FLOOR_MS = 250
const MAX_GROWTH = 2.5
const REPEATS = 2

/** What four times the work would still cost next to nothing needs no second look. */
const QUADRATIC = 4
/** No linear computation takes so long. */
const MOST_MS = 3_000

/** CPU milliseconds of this process; other processes of the machine do not count. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The least of several runs: garbage collection of what ran before is no cost of the work. */
export async function leastCpuMs(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < REPEATS; run++) least = Math.min(least, await cpuMs(work))
  return least
}

/** How the cost of `size` grew from half of it. */
export type Growth = { readonly halfMs: number; readonly wholeMs: number }

/** @returns null where twice the size costs at most 2.5 times the CPU, or hardly any */
export async function superlinear(
  work: (size: number) => unknown,
  size: number,
): Promise<Growth | null> {
  // The smaller one first: what grows fast would take minutes at the larger.
  const halfMs = await cpuMs(() => work(size / 2))
  if (halfMs > MOST_MS && (await cpuMs(() => work(size / 2))) > MOST_MS)
    return { halfMs, wholeMs: Number.NaN }
  if (QUADRATIC * halfMs <= FLOOR_MS) return null
  const half = await leastCpuMs(() => work(size / 2))
  const whole = await leastCpuMs(() => work(size))
  const isLinear = whole <= MAX_GROWTH * half + FLOOR_MS
  return isLinear ? null : { halfMs: half, wholeMs: whole }
}
