// The operations on dead letters in process, on the parts of a test's stack, as a program that uses the library calls them.

import type { Client } from '@temporalio/client'
import { discard } from '#operations/dead-letters/discard'
import { type EditedEvents, readEditedEvents } from '#operations/dead-letters/edited-events'
import { exportLines } from '#operations/dead-letters/export'
import { listLetters, sumOpenEvents } from '#operations/dead-letters/list'
import { parsePatch } from '#operations/dead-letters/patch'
import { previewRedrive, type Redrive, redrive } from '#operations/dead-letters/redrive'
import type { Following, Pipeline } from '#operations/dead-letters/resolve'
import { DEFAULT_RATE, type Pace } from '#operations/dead-letters/run-all'
import type { Selector } from '#operations/dead-letters/select'
import { openEventsOf, showLetter } from '#operations/dead-letters/show'
import type { Who } from '#operations/dead-letters/who'
import { type Report, type ReportRequest, reportOn } from '#operations/partner-report/read'
import { cliConfig, readConfig } from '#runtime/config'
import { openReader } from '#warehouse/open-reader'
import { createReader } from '#warehouse/read'
import type { Filters } from '#warehouse/sql/dead-letter-groups'
import { bigqueryAt } from './parts.ts'

type RedriveOptions = Partial<Omit<Redrive, 'patch'> & Pace & Who & Following> & {
  /** JSON text. */
  readonly patch?: string
}

const DEFAULTS = { ids: [], actor: 'ann', reason: 'a test', rate: DEFAULT_RATE, maxFailures: 0.5 }

const withPatch = ({ patch, ...options }: RedriveOptions) => ({
  ...DEFAULTS,
  ...options,
  patch: patch === undefined ? undefined : parsePatch(patch, '--patch'),
})

/** @param site what there is when an operation is called */
export function operationsOn(
  site: () => {
    readonly env: Readonly<Record<string, string>>
    readonly bigquery: { readonly url: string }
    readonly client: Client
  },
) {
  const pipeline = (): Pipeline => {
    const { env, client } = site()
    const config = readConfig(cliConfig, { ...env, GOOGLE_CLOUD_PROJECT: 'local' })
    return { config, store: openReader(config), client }
  }
  return {
    pipeline,
    list: (filters: Filters = {}, of: 'open' | 'all' = 'open') =>
      listLetters(pipeline().store, of, filters),
    sums: (filters: Filters = {}) => sumOpenEvents(pipeline().store, filters),
    show: (id: string, partner?: string) => showLetter(pipeline().store, id, partner),
    redrive: (options: RedriveOptions) => redrive(pipeline(), withPatch(options)),
    preview: (options: RedriveOptions) => previewRedrive(pipeline(), withPatch(options)),
    discard: (options: Partial<Selector & Who & Following>) =>
      discard(pipeline(), { ...DEFAULTS, ...options }),
    /** The lines of an export of its open events. */
    exported: async (id: string): Promise<string[]> => {
      const { store } = pipeline()
      const letter = await showLetter(store, id)
      return exportLines(letter.id, await openEventsOf(store, letter)).split('\n')
    },
    report: async (request: Partial<ReportRequest>): Promise<Report> => {
      const whole = { partner: '', open: false, ...request }
      const result = await reportOn(createReader(bigqueryAt(site().bigquery.url)), whole)
      if ('report' in result) return result.report
      throw new Error(`nothing came from ${whole.partner}`)
    },
  }
}

/** Lines of an export, edited. */
export const editedFrom = (lines: readonly string[]): Promise<EditedEvents> =>
  readEditedEvents(messagesOf(lines), 'edited.ndjson')

async function* messagesOf(lines: readonly string[]) {
  for (const line of lines) yield { data: Buffer.from(line) }
}
