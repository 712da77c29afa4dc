// A progress bar on a terminal, silent elsewhere, always on stderr so that stdout stays for results.

import { clearLine, cursorTo } from 'node:readline'
import { Presets, SingleBar } from 'cli-progress'
import { progressStream, tell } from './print.ts'

export type Bar = {
  readonly update: (done: number) => void
  /** Writes lines above the bar. */
  readonly say: (text: string) => void
  readonly stop: () => void
}

/** @param total unknown while reading a stream: the bar then only counts */
export function progressBar(what: string, total: number | undefined): Bar {
  const format =
    total === undefined ? `${what} {value}` : `${what} {bar} {value}/{total} {eta_formatted}`
  const bar = new SingleBar(
    { format, stream: progressStream, hideCursor: true, noTTYOutput: false, clearOnComplete: true },
    Presets.shades_classic,
  )
  bar.start(total ?? 0, 0)
  return {
    update: (done) => {
      if (total === undefined) bar.setTotal(done)
      bar.update(done)
    },
    say: (text) => {
      wipe()
      tell(text)
    },
    stop: () => bar.stop(),
  }
}

/** The bar draws itself anew below. */
function wipe(): void {
  if (!progressStream.isTTY) return
  cursorTo(progressStream, 0)
  clearLine(progressStream, 1)
}
