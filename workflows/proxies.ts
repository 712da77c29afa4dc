// Every activity that workflows call, each with the policy under which it is called. The numbers of each policy, and
// the reasons for them, are in `policies.ts`.

import {
  type ActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type {
  Activated,
  ActivationRequest,
  PublishedChanges,
  PublishRequest,
  ValidationResult,
  WaitingActivated,
} from '#contracts/batch'
import { activationQueue } from '#contracts/names'
import { ATTRIBUTE_KEY } from '#contracts/search-attributes'
import type { WaitingRequest } from '../activities/activate-waiting.ts'
import type { EraseActivities } from '../activities/erase/index.ts'
import type { GovernorActivities } from '../activities/governor/index.ts'
import type { Activities } from '../activities/index.ts'
import type { SweepActivities } from '../activities/sweep/index.ts'
import { isExhausted, isOutage } from './exhausted.ts'
import { localFirst } from './local-first.ts'
import * as policies from './policies.ts'

const local = proxyLocalActivities<Activities>(policies.firstAttempt)
const reading = proxyActivities<Activities>(policies.reading)
const readingNow = proxyActivities<Activities>(policies.readingNow)
const writing = proxyActivities<Activities>(policies.writing)
const publishing = proxyActivities<Activities>(policies.publishing)
const opening = proxyActivities<Activities>(policies.opening)
const sweeping = proxyActivities<SweepActivities>(policies.sweeping)
const localLimit = proxyLocalActivities<GovernorActivities>(policies.firstAttempt)
const governing = proxyActivities<GovernorActivities>(policies.governing)
const erasing = proxyActivities<EraseActivities>(policies.erasing)
const askingDeletion = proxyActivities<EraseActivities>(policies.askingDeletion)
const alerting = proxyActivities<SweepActivities>(policies.alerting)

/** `localFirst`: a local activity under the policy `firstAttempt`, and on failure an activity under the policy named. */
export const proxies = {
  countMessages: localFirst(local.countMessages, reading.countMessages),
  takeMessages: localFirst(local.takeMessages, reading.takeMessages),
  rejectPoison: localFirst(local.rejectPoison, reading.rejectPoison),
  validateEvents: localFirst(local.validateEvents, validateDurably),
  writeAuditLog: localFirst(local.writeAuditLog, writing.writeAuditLog),
  stageEvents: localFirst(local.stageEvents, writing.stageEvents),
  activateEvents,
  activateWaiting,
  publishOrderChanges: localFirst(local.publishOrderChanges, publishLater),
  writeLedger: localFirst(local.writeLedger, writing.writeLedger),
  openDeadLetters: localFirst(local.openDeadLetters, opening.openDeadLetters),
  keepUnreadableBatch: opening.keepUnreadableBatch,

  recordDeadLetter: localFirst(local.recordDeadLetter, writing.recordDeadLetter),
  recordFailedAgain: localFirst(local.recordFailedAgain, writing.recordFailedAgain),
  recordHandling: localFirst(local.recordHandling, writing.recordHandling),
  forgetFailedRuns: localFirst(local.forgetFailedRuns, opening.forgetFailedRuns),

  openEndedBatches: sweeping.openEndedBatches,
  recordEndedLetters: sweeping.recordEndedLetters,
  compareDeadLetters: sweeping.compareDeadLetters,
  checkReceipts: sweeping.checkReceipts,
  findFlood: sweeping.findFlood,
  postAlert: alerting.postAlert,

  readActivationLimit: localFirst(localLimit.readActivationLimit, governing.readActivationLimit),
  setActivationLimit: localFirst(localLimit.setActivationLimit, governing.setActivationLimit),
  findPersonRows: erasing.findPersonRows,
  findPersonWaits: erasing.findPersonWaits,
  closePersonLetters: erasing.closePersonLetters,
  erasePersonRows: erasing.erasePersonRows,
  forgetPersonRuns: erasing.forgetPersonRuns,
  askSegmentDeletion: askingDeletion.askSegmentDeletion,
  writeErasureReceipt: erasing.writeErasureReceipt,
}

/** Policy `readingNow`: two attempts that do not end mean that the batch is too much. On any other failure `reading`. */
async function validateDurably(batch: Uint8Array): Promise<ValidationResult> {
  try {
    return await readingNow.validateEvents(batch)
  } catch (error) {
    if (!isOutage(error)) throw error
    return reading.validateEvents(batch)
  }
}

/**
 * Policy `activatingNow`, and then `activatingLater`, on the task queue of activation, whose limits on the server pause and
 * throttle it. In between, the batch shows in its search attribute Stage that it waits: the bridge does not count it as open,
 * since its events are staged.
 */
async function activateEvents(batch: Uint8Array, request: ActivationRequest): Promise<Activated> {
  try {
    return await activating(policies.activatingNow).activateEvents(batch, request)
  } catch (error) {
    if (!isExhausted(error)) throw error
    upsertSearchAttributes([{ key: ATTRIBUTE_KEY.stage, value: 'activation' }])
    return activating(policies.activatingLater).activateEvents(batch, request)
  }
}

function activateWaiting(batch: Uint8Array, request: WaitingRequest): Promise<WaitingActivated> {
  return activating(policies.activatingLater).activateWaiting(batch, request)
}

/**
 * Policy `publishing`. The batch shows in its search attribute Stage that it waits, unless it shows that of activation already: its
 * events are staged, so that the bridge does not count it as open.
 */
function publishLater(batch: Uint8Array, request: PublishRequest): Promise<PublishedChanges> {
  const { typedSearchAttributes } = workflowInfo()
  if (typedSearchAttributes.get(ATTRIBUTE_KEY.stage) === undefined)
    upsertSearchAttributes([{ key: ATTRIBUTE_KEY.stage, value: 'change_events' }])
  return publishing.publishOrderChanges(batch, request)
}

function activating(policy: ActivityOptions) {
  const taskQueue = activationQueue(workflowInfo().taskQueue)
  return proxyActivities<Activities>({ ...policy, taskQueue })
}
