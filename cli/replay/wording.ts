// Words what a replay would publish, and what it did. Pure.

import { visibleInLine } from '#contracts/visible'
import type { Replayed, ReplaySize } from '#operations/replay/replay'
import type { ReplayCounts } from '#warehouse/sql/replayable-messages'
import { type Row, render } from '../output/tables.ts'

export function countsText(counts: readonly ReplayCounts[], size: ReplaySize): string {
  const rows = counts.map(
    ({ partner_id, type, messages, staged, open }): Row => ({
      partner_id,
      type,
      messages,
      staged,
      'in open dead letters': open,
      missing: messages - staged - open,
    }),
  )
  return [
    render(rows, 'table'),
    `${messagesOf(size.messages)} with ${size.bytes} bytes would be published.`,
  ].join('\n')
}

export function doneText(
  { published, leftOut, isDone }: Replayed,
  topic: string,
  checkpoint: string | undefined,
): string {
  return [
    `${messagesOf(published)} published to ${topic}${isDone ? '.' : ', and then it was stopped.'}`,
    ...(isDone ? [] : [`Continue with ${continuation(checkpoint)}.`]),
    ...(leftOut.length > 0
      ? [
          `Left out, because they have no room for two more attributes: ${leftOut.map(visibleInLine).join(', ')}.`,
        ]
      : []),
  ].join('\n')
}

const continuation = (checkpoint: string | undefined) =>
  checkpoint === undefined
    ? 'the same command: a message that is published twice is only delivered twice'
    : `npm run replay -- --checkpoint ${visibleInLine(checkpoint)}`

const messagesOf = (count: number) => `${count} message${count === 1 ? '' : 's'}`
