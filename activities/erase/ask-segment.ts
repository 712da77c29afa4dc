// Asks Segment to delete a person.

import { z } from 'zod'
import { scopedId } from '#activation/scope'
import type { PublicApi } from '#activation/segment/public-api'
import type { Person, SegmentDeletion } from '#contracts'
import { segmentFailure } from '#runtime/service-error'

const created = z.object({ regulateId: z.string().min(1) })

/**
 * Deletes what Segment has, and does not suppress the id: suppression would drop every later order of the customer without a word.
 * A repeat after a lost answer makes a second regulation, which deletes nothing more.
 * @param api null where there is no token
 * @throws ApplicationFailure of the registry
 */
export function createAskSegment(api: PublicApi | null) {
  return async function askSegmentDeletion({
    partnerId,
    customerId,
  }: Person): Promise<SegmentDeletion> {
    if (!api) return { isAsked: false, why: 'no_token' }
    const answer = await api.request('POST', '/regulations', {
      regulationType: 'DELETE_ONLY',
      subjectType: 'USER_ID',
      subjectIds: [scopedId(partnerId, customerId)],
    })
    const { data } = created.safeParse(answer)
    if (!data) throw segmentFailure({ message: 'the answer has no regulation id' })
    return { isAsked: true, regulationId: data.regulateId }
  }
}
