// Finds everything that the tables have of a person, by the customer id of staged rows and by the bytes of all other messages.

import {
  ERASED_TABLES,
  isDeadLetterId,
  NO_ROWS,
  type Person,
  type PersonTraces,
  type RowCounts,
  UNKNOWN_PARTNER,
} from '#contracts'
import type { Known } from '#contracts/event/names-person'
import type { Reader } from '../read.ts'
import { type PersonAction, personActions } from '../sql/person-actions.ts'
import type { Messages } from '../sql/person-messages.ts'
import { personRows, type RowTable } from '../sql/person-rows.ts'
import { type PersonStaged, personStaged } from '../sql/person-staged.ts'
import { findMessages, toFound } from './find-messages.ts'
import { withoutPerson } from './without-person.ts'

/** Rows of a staging table that one pass takes; the next pass takes the next ones. */
const MAX_ROWS = 2_000

/** Each word is searched in six ways of writing, and a statement has a limited length. */
const MAX_IDENTIFIERS = 40

/**
 * Reads only. What is erased already is not found again, so that nothing found means that nothing is left.
 * @throws what the reader throws
 */
export async function findPerson(read: Reader, person: Person): Promise<PersonTraces> {
  const staged = await readStaged(read, person)
  const known = knownOf(person, staged)
  const stagedIds = unique(staged.map(({ message_id }) => message_id))
  const search = { partnerId: person.partnerId, known, messageIds: stagedIds }
  const [audited, dead] = await Promise.all([
    findMessages(read, 'audit_log', search),
    findMessages(read, 'dead_letter', search),
  ])
  // A message that was corrected into one of the person is the person's, whatever its bytes say.
  const found = [...staged.map(toFound), ...audited, ...dead]
  const times = found.map(({ publishTime }) => publishTime).toSorted()
  const messages: Messages = {
    ...person,
    keys: unique(found.map(({ key }) => key)),
    from: times[0] ?? NEVER,
    to: times.at(-1) ?? NEVER,
    orders: [...known.orders],
  }
  const places = await readPlaces(read, messages)
  const { keys, from, to, orders } = messages
  const traces = {
    keys,
    from,
    to,
    orders,
    messageIds: unique([...stagedIds, ...found.map(({ messageId }) => messageId)]),
    identifiers: known.identifiers,
    ...places,
  }
  const actions = await actionsOf(read, person, traces)
  return {
    ...traces,
    rows: { ...places.rows, dead_letter_log: actions.length },
    unattributed: await countUnattributed(read, person, new Set(keys)),
  }
}

const NEVER = '1970-01-01T00:00:00Z'

const unique = (values: readonly string[]) => [...new Set(values)]

async function readStaged(read: Reader, person: Person): Promise<PersonStaged[]> {
  const tables = await Promise.all([
    read(personStaged('staging_purchase', person, MAX_ROWS)),
    read(personStaged('staging_cancellation', person, MAX_ROWS)),
  ])
  return tables.flat()
}

function knownOf({ customerId }: Person, staged: readonly PersonStaged[]): Known {
  const identifiers = staged.flatMap(({ email, phone, vehicle_vin: vin }) => [email, phone, vin])
  return {
    customerId,
    identifiers: unique(identifiers.filter((one) => one !== null)).slice(0, MAX_IDENTIFIERS),
    orders: new Set(staged.map(({ order_id }) => order_id)),
  }
}

const ROW_TABLES = ERASED_TABLES.filter(
  (table): table is RowTable & keyof RowCounts => table !== 'dead_letter_log',
)

/** How many rows each table has, and which runs wrote them. */
async function readPlaces(read: Reader, messages: Messages) {
  const tables = await Promise.all(
    ROW_TABLES.map(async (table) => ({ table, places: await read(personRows(table, messages)) })),
  )
  const places = tables.flatMap((one) => one.places)
  const counted = tables.map((one) => [
    one.table,
    one.places.reduce((sum, { events }) => sum + events, 0),
  ])
  const rows: RowCounts = { ...NO_ROWS, ...Object.fromEntries(counted) }
  // A redrive stages under the workflow id of its dead letter.
  const writers = unique(places.map(({ batch_id }) => batch_id))
  const letters = places.flatMap(({ dead_letter_id: id }) => (id === null ? [] : [id]))
  return {
    rows,
    batches: writers.filter((id) => !isDeadLetterId(id)),
    letters: unique([...letters, ...writers.filter(isDeadLetterId)]),
  }
}

/** The actions on the person's dead letters whose words or changes are about the person, as they are without those. */
export async function actionsOf(
  read: Reader,
  person: Person,
  traces: Pick<PersonTraces, 'letters' | 'messageIds' | 'identifiers' | 'orders'>,
): Promise<PersonAction[]> {
  if (traces.letters.length === 0) return []
  const actions = await read(personActions(traces.letters))
  return actions.flatMap((action) => withoutPerson(action, person, traces) ?? [])
}

async function countUnattributed(
  read: Reader,
  { partnerId, customerId }: Person,
  keys: ReadonlySet<string>,
): Promise<number> {
  if (partnerId === UNKNOWN_PARTNER) return 0
  const known = { customerId, identifiers: [], orders: new Set<string>() }
  const search = { partnerId: UNKNOWN_PARTNER, known, messageIds: [] }
  const found = await findMessages(read, 'audit_log', search)
  return found.filter(({ key }) => !keys.has(key)).length
}
