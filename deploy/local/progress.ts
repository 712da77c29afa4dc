// Reports the steps of a slow start on a terminal: a spinner with elapsed seconds, or plain lines.

import { visible } from '#contracts/visible'
import { monotonicMs } from '#runtime/clock'

/** One change in one step; a warning stands alone and starts or ends nothing. */
export type Step = {
  readonly name: string
  readonly state: 'started' | 'done' | 'failed' | 'warning'
  readonly text?: string
}

/** Receives every change, in order. */
export type OnProgress = (step: Step) => void

/** Reports `name` as started, then as done or failed when `work` settles; its result passes through. */
export async function withProgress<T>(
  onProgress: OnProgress,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  onProgress({ name, state: 'started' })
  try {
    const result = await work()
    onProgress({ name, state: 'done' })
    return result
  } catch (error) {
    onProgress({ name, state: 'failed' })
    throw error
  }
}

const marks = { started: '…', done: '✓', failed: '✗', warning: '!' } as const
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const FRAMES_PER_SECOND = 10

const seconds = (since: number) => ((monotonicMs() - since) / 1000).toFixed(0)

type Terminal = { readonly isTTY?: boolean; readonly write: (text: string) => unknown }

/** A reporter for `startStack` and `ensureTools`; steps may run at the same time. */
export function progressLines(stream: Terminal = process.stderr): OnProgress {
  const running = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let frame = 0

  const clearLine = () => stream.isTTY && stream.write('\r\u001B[K')
  const drawRunning = () => {
    clearLine()
    if (running.size === 0) return
    const steps = [...running].map(([name, since]) => `${name} ${seconds(since)} s`)
    stream.write(`${SPINNER[frame++ % SPINNER.length]} ${steps.join(', ')}`)
  }
  const animate = () => {
    if (!stream.isTTY) return
    if (running.size === 0) clearInterval(timer)
    else if (running.size === 1)
      timer ??= setInterval(drawRunning, 1000 / FRAMES_PER_SECOND).unref()
    if (running.size === 0) timer = undefined
    drawRunning()
  }

  return ({ name, state, text }) => {
    const since = running.get(name)
    if (state === 'started') running.set(name, monotonicMs())
    if (state === 'done' || state === 'failed') running.delete(name)
    clearLine()
    const took = since === undefined || state === 'warning' ? '' : ` (${seconds(since)} s)`
    // On a terminal the spinner line shows what has started.
    if (state !== 'started' || !stream.isTTY)
      stream.write(`${marks[state]} ${visible(`${name}${text ? `: ${text}` : ''}`)}${took}\n`)
    animate()
  }
}
