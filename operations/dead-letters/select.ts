// Selects the dead letters an operation is about, by id, by filters, by a query of Temporal's, or all that are open.

import type { Client } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import type { Reader } from '#warehouse/read'
import type { Filters } from '#warehouse/sql/dead-letter-groups'
import { readGroups } from '#warehouse/sql/dead-letter-groups'
import { readIds } from '#warehouse/sql/dead-letter-ids'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { OperationError } from '../errors.ts'
import { oneLine } from '../google.ts'
import { type Query, readQuery } from './filters.ts'
import { resolveId } from './short-id.ts'

/** Exactly one of `ids`, `query` and `all` says which. */
export type Selector = {
  /** Whole ids, their beginnings, or short ids. */
  readonly ids: readonly string[]
  /** Filters such as `partner=dealer-7 stage=staging`, or a query as Temporal's UI takes it. */
  readonly query?: string
  readonly all?: boolean
  /** Of dead letters that several partners share, only this one's events; with `ids` alone. */
  readonly partner?: string | undefined
}

export type Selection = {
  readonly ids: readonly string[]
  /** Whether an event fits the filters: only such a one is patched. */
  readonly isChosen: (event: StoredEvent) => boolean
  /** Whether an event is resolved: every one of a dead letter, but for other partners where one was named. */
  readonly isTaken: (event: StoredEvent) => boolean
}

const EVERY_EVENT = { isChosen: () => true, isTaken: () => true }
const EVERYTHING: Query = { kind: 'filters', filters: {} }

/**
 * @throws OperationError `selection_ambiguous`, `query_refused`, `partner_not_selected`, and those of `resolveId` and
 * `readQuery`
 */
export async function select(
  store: Reader,
  client: Client,
  selector: Selector,
): Promise<Selection> {
  const { ids, query, all } = selector
  if ([ids.length > 0, query !== undefined, all].filter(Boolean).length !== 1)
    throw new OperationError('selection_ambiguous', {})
  if (ids.length > 0) return selectByIds(store, selector)
  const read = query === undefined ? EVERYTHING : readQuery(query)
  if (read.kind === 'filters') return selectByFilters(store, read.filters)
  const open = await openIds(store, {})
  const listed = await listFailed(client, read.query)
  return { ...EVERY_EVENT, ids: open.filter((id) => listed.has(id)) }
}

async function selectByFilters(store: Reader, filters: Filters): Promise<Selection> {
  return {
    ids: await openIds(store, filters),
    isChosen: (event) => matches(event, filters),
    isTaken: (event) => isOf(event, filters.partner),
  }
}

async function selectByIds(store: Reader, { ids: texts, partner }: Selector): Promise<Selection> {
  const known = await readIds(store)
  const ids = [...new Set(texts.map((text) => resolveId(text, known)))]
  if (partner === undefined) return { ...EVERY_EVENT, ids }
  await requireEventsOf(store, ids, partner)
  return { ...EVERY_EVENT, ids, isTaken: (event) => isOf(event, partner) }
}

const isOf = (event: StoredEvent, partner: string | undefined) =>
  partner === undefined || event.partner_id === partner

/** Where one of them never had any, the partner may be misspelt. */
async function requireEventsOf(store: Reader, ids: readonly string[], partner: string) {
  const known = new Set(await readIds(store, partner))
  const letters = ids.filter((id) => !known.has(id))
  if (letters.length > 0) throw new OperationError('partner_not_selected', { letters, partner })
}

async function openIds(store: Reader, filters: Filters): Promise<string[]> {
  const groups = await readGroups(store, 'open', filters)
  return [...new Set(groups.map(({ id }) => id))]
}

/** The same rules as the query of `readGroups`. */
function matches(event: StoredEvent, filters: Filters): boolean {
  const { partner, stage, reason, type, since, until } = filters
  const publishedAt = Date.parse(event.publish_time)
  return (
    (partner === undefined || event.partner_id === partner) &&
    (stage === undefined || event.stage === stage) &&
    (reason === undefined || event.reasons.includes(reason)) &&
    (type === undefined || (event.type ?? 'unknown') === type) &&
    (since === undefined || publishedAt >= since.getTime()) &&
    (until === undefined || publishedAt < until.getTime())
  )
}

async function listFailed(client: Client, asked: string): Promise<ReadonlySet<string>> {
  const query = `WorkflowType = '${WORKFLOW.deadLetter}' AND ExecutionStatus = 'Failed' AND (${asked})`
  const ids = new Set<string>()
  try {
    for await (const { workflowId } of client.workflow.list({ query })) ids.add(workflowId)
  } catch (error) {
    throw new OperationError('query_refused', { query: asked, why: oneLine(error) })
  }
  return ids
}
