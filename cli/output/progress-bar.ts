// A progress bar on a terminal, silent elsewhere, always on stderr so that stdout stays for results.

import { Presets, SingleBar } from 'cli-progress'

export type Bar = { update(done: number): void; stop(): void }

/** @param total unknown while reading a stream: the bar then only counts */
export function progressBar(what: string, total: number | undefined): Bar {
  const format =
    total === undefined ? `${what} {value}` : `${what} {bar} {value}/{total} {eta_formatted}`
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, noTTYOutput: false, clearOnComplete: true },
    Presets.shades_classic,
  )
  bar.start(total ?? 0, 0)
  return {
    update: (done) => {
      if (total === undefined) bar.setTotal(done)
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}
