// The governor of activation: lowers the limit of the activation queue while Segment throttles or is unavailable, and restores it.

import {
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import { governedBy, type QueueLimit } from '#contracts/activation-limit'
import {
  type Admission,
  admissionOf,
  dueAt,
  type Governor,
  newGovernor,
  onReading,
  onReport,
  onTime,
  type SegmentReport,
  wantedLimit,
} from '#contracts/governor'
import { GOVERNOR_ADMISSION, GOVERNOR_REPORT } from '#contracts/names'
import { proxies } from './proxies.ts'

const reportSignal = defineSignal<[SegmentReport]>(GOVERNOR_REPORT)
const admissionUpdate = defineUpdate<Admission>(GOVERNOR_ADMISSION)

/**
 * Started by the first report of trouble, and ends once all is well and the limit is as a person set it. It never fails: where
 * Temporal does not take the limit, it tries again.
 *
 * @param before the governor of the run that this one continues
 */
export async function governActivation(before: Governor | null = null): Promise<void> {
  const reports: SegmentReport[] = []
  setHandler(reportSignal, (report) => void reports.push(report))
  let governor = before ?? newGovernor(Date.now())
  let claimed: { readonly since: number; readonly at: number } | null = null
  setHandler(admissionUpdate, () => {
    const at = claimed?.since === governor.since ? claimed.at : null
    const admission = admissionOf(governor, at, Date.now())
    if (admission === 'probe') claimed = { since: governor.since, at: Date.now() }
    return admission
  })

  while (true) {
    const next = advance(governor, reports.splice(0))
    const mustEnforce = governor.base === null || !isSame(wantedOf(governor), wantedOf(next))
    governor = next
    if (mustEnforce) governor = await enforce(next)
    if (reports.length > 0) {
      if (governor.state === 'ended') governor = newGovernor(Date.now())
      continue
    }
    if (governor.state === 'ended') return
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof governActivation>(governor)
    }
    await wait(governor, () => reports.length > 0)
  }
}

/** The governor at this moment, after these reports. */
function advance(before: Governor, reports: readonly SegmentReport[]): Governor {
  const now = Date.now()
  const reported = reports.reduce((governor, report) => onReport(governor, report, now), before)
  return onTime(reported, now)
}

const wantedOf = (governor: Governor) => (governor.base === null ? null : wantedLimit(governor))

/** Sets the limit that the governor wants, unless a person has set another one meanwhile. */
async function enforce(governor: Governor): Promise<Governor> {
  const reading = await proxies.readActivationLimit()
  const next = onReading(governor, reading, Date.now())
  const wanted = wantedLimit(next)
  if (!isSame(wanted, reading.limit)) await proxies.setActivationLimit(wanted)
  return { ...next, isHolding: governedBy(wanted.identity) !== null }
}

const isSame = (one: QueueLimit | null, other: QueueLimit | null) =>
  one?.perSecond === other?.perSecond &&
  one?.reason === other?.reason &&
  one?.identity === other?.identity

/** Until there is a report, or the governor changes by itself. */
async function wait(governor: Governor, isReported: () => boolean): Promise<void> {
  const due = dueAt(governor)
  if (due === Infinity) await condition(isReported)
  else await condition(isReported, Math.max(due - Date.now(), 1))
}
