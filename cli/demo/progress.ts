// Shows events on their way: bars on a terminal, a line every few seconds elsewhere; always on stderr.

import { MultiBar, Presets } from 'cli-progress'
import { monotonicMs } from '#runtime/clock'
import type { Moved, Restart } from '../local.ts'
import { progressStream, tell } from '../output/print.ts'

export type Progress = {
  readonly published: (count: number) => void
  readonly moved: (moved: Moved) => void
  readonly stop: () => void
}

const LINE_EVERY_MS = 2_000

export function tellRestart({ name, reason, inMs }: Restart): void {
  tell(`! ${name} ended with ${reason}, starting it again in ${inMs} ms`)
}

/** @param total unknown while reading a file: the bars then grow with what was published */
export function showProgress(total: number | undefined): Progress {
  return progressStream.isTTY ? bars(total) : lines()
}

function bars(total: number | undefined): Progress {
  const screen = new MultiBar(
    {
      format: '{what} {bar} {value}/{total}{more}',
      stream: progressStream,
      hideCursor: true,
      clearOnComplete: false,
    },
    Presets.shades_classic,
  )
  const bar = (what: string) => screen.create(total ?? 0, 0, { what: what.padEnd(10), more: '' })
  const [published, audited] = [bar('published'), bar('audited')]
  return {
    published: (count) => {
      published.update(count)
      if (total === undefined) for (const one of [published, audited]) one.setTotal(count)
    },
    moved: ({ audited: count, staged, openWorkflows }) => {
      audited.update(count, { more: `, ${staged} staged, ${openWorkflows} workflows open` })
    },
    stop: () => screen.stop(),
  }
}

function lines(): Progress {
  let published = 0
  let saidAt = Number.NEGATIVE_INFINITY
  return {
    published: (count) => {
      published = count
    },
    moved: ({ audited, staged, openWorkflows }) => {
      if (monotonicMs() - saidAt < LINE_EVERY_MS) return
      saidAt = monotonicMs()
      tell(
        `  published ${published}, audited ${audited}, staged ${staged}, open workflows ${openWorkflows}`,
      )
    },
    stop: () => {},
  }
}
