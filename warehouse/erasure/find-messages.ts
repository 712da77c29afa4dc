// Finds the messages that are about a person, by their bytes: page by page, so that memory does not grow with the partner.

import { type Known, relationTo, writings } from '#contracts/event/names-person'
import type { Reader } from '../read.ts'
import {
  CANDIDATES_A_PAGE,
  type CandidateTable,
  type PersonCandidate,
  personCandidates,
} from '../sql/person-candidates.ts'

export type FoundMessage = {
  readonly key: string
  readonly messageId: string
  readonly publishTime: string
}

export type MessageSearch = {
  readonly partnerId: string
  readonly known: Known
  /** Messages that are looked at whoever published them. */
  readonly messageIds: readonly string[]
}

const FIRST = { publishTime: '1970-01-01T00:00:00Z', messageId: '' }

/** A vehicle number or a telephone number is longer; a shorter word would be found everywhere. */
const MIN_IDENTIFIER = 5

/** @throws what the reader throws */
export async function findMessages(
  read: Reader,
  table: CandidateTable,
  { partnerId, known, messageIds }: MessageSearch,
): Promise<FoundMessage[]> {
  const identifiers = known.identifiers.filter(({ length }) => length >= MIN_IDENTIFIER)
  const search = {
    partnerId,
    messageIds,
    orders: [...known.orders],
    words: [known.customerId, ...identifiers].flatMap(hexOf),
  }
  const found = new Map<string, FoundMessage>()
  let after: typeof FIRST | undefined = FIRST
  while (after) {
    const page: readonly PersonCandidate[] = await read(
      personCandidates(table, { ...search, after }),
    )
    for (const row of page) {
      const relation = relationTo({ ...known, identifiers }, { ...row, orderId: row.order_id })
      if (relation === 'named' || relation === 'mentioned') found.set(row.key, toFound(row))
    }
    const last = page.at(-1)
    after = page.length === CANDIDATES_A_PAGE && last ? toFound(last) : undefined
  }
  return [...found.values()]
}

export const toFound = ({
  key,
  message_id: messageId,
  publish_time: publishTime,
}: Pick<PersonCandidate, 'key' | 'message_id' | 'publish_time'>): FoundMessage => ({
  key,
  messageId,
  publishTime,
})

const hexOf = (word: string) => writings(word).map(({ bytes }) => bytes.toString('hex'))
