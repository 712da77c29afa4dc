// Finds the dead letters a command is to handle.

import type { Client } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { UsageError } from '#runtime/errors'
import { readGroups, readIds, type Store, type StoredEvent } from '#warehouse/sql/dead-letters'
import {
  FILTER_NAMES,
  type Filters,
  type Query,
  readQuery,
} from '../../cli/dead-letters/filters.ts'
import { oneLine } from '../google.ts'
import { resolveId, shortId } from './short-id.ts'

export type Selection = {
  readonly ids: readonly string[]
  /** Whether an event is one that was asked for: only such a one is patched. */
  readonly isChosen: (event: StoredEvent) => boolean
  /** Whether an event is handled: all of a dead letter, but of the partner that was asked for where several share it. */
  readonly isTaken: (event: StoredEvent) => boolean
}

export type Asked = {
  readonly ids: readonly string[]
  readonly query?: string
  readonly all?: boolean
  /** Of dead letters that several partners share, only this one's events; with `ids` alone. */
  readonly partner?: string | undefined
}

const EVERY_EVENT = { isChosen: () => true, isTaken: () => true }
const EVERYTHING: Query = { kind: 'filters', filters: {} }

/** @throws UsageError where nothing says which, or an id is not known */
export async function select(store: Store, client: Client, asked: Asked): Promise<Selection> {
  if ([asked.ids.length > 0, asked.query !== undefined, asked.all].filter(Boolean).length !== 1)
    throw new UsageError(
      'Say which dead letters, in one way: ids, or --query, or --all for every open one. Nothing was changed.',
    )
  if (asked.ids.length > 0) return resolve(store, asked)
  const query = asked.query === undefined ? EVERYTHING : readQuery(asked.query)
  if (query.kind === 'filters') {
    const { filters } = query
    const { partner } = filters
    return {
      ids: await openIds(store, filters),
      isChosen: (event) => matches(event, filters),
      isTaken: (event) => isOf(event, partner),
    }
  }
  const open = await openIds(store, {})
  const listed = await listFailed(client, query.query)
  return { ...EVERY_EVENT, ids: open.filter((id) => listed.has(id)) }
}

async function resolve(store: Store, { ids: texts, partner }: Asked): Promise<Selection> {
  const known = await readIds(store)
  const ids = [...new Set(texts.map((text) => resolveId(text, known)))]
  if (partner === undefined) return { ...EVERY_EVENT, ids }
  await requireEventsOf(store, ids, partner)
  return { ...EVERY_EVENT, ids, isTaken: (event) => isOf(event, partner) }
}

const isOf = (event: StoredEvent, partner: string | undefined) =>
  partner === undefined || event.partner_id === partner

/** @throws UsageError where one of them never had any: the partner may be misspelt */
async function requireEventsOf(store: Store, ids: readonly string[], partner: string) {
  const known = new Set(await readIds(store, partner))
  const without = ids.filter((id) => !known.has(id))
  if (without.length === 0) return
  throw new UsageError(
    `${without.map(shortId).join(', ')} has no event of ${partner}. Whose it has: npm run dlq -- show ${shortId(without[0] ?? '')}. Nothing was changed.`,
  )
}

async function openIds(store: Store, filters: Filters): Promise<string[]> {
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
    throw new UsageError(
      `Temporal does not take --query "${asked}": ${oneLine(error)}. Write it as in Temporal's UI, or as filters, such as "partner=dealer-7 reason=amount_not_a_number"; there are ${FILTER_NAMES}. Nothing was changed.`,
    )
  }
  return ids
}
