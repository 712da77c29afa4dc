// Reads what the events of one partner were rejected for, by reason, with a sample of each.

import type { z } from 'zod'
import { REASONS } from '#contracts'
import type { Reader } from '#warehouse/read'
import { partnerGoogleAds } from '#warehouse/sql/partner-google-ads'
import { partnerMessages } from '#warehouse/sql/partner-messages'
import { partnerVersions } from '#warehouse/sql/partner-versions'
import { partners } from '#warehouse/sql/partners'
import { rejectedReasons } from '#warehouse/sql/rejected-reasons'
import { rejectedSamples } from '#warehouse/sql/rejected-samples'
import { rejectedTotals } from '#warehouse/sql/rejected-totals'
import { OperationError } from '../errors.ts'
import { type ExcludedPurchases, excludedPurchases } from './google-ads.ts'
import { maskedSample } from './masked-sample.ts'

/** Whose report, and of what. */
export type ReportRequest = {
  readonly partner: string
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Only what waits to be corrected: in an open dead letter, and not corrected by another message. */
  readonly open: boolean
}

export type ReasonRow = {
  readonly reason: string
  readonly events: number
  /** Those of them that wait to be corrected. */
  readonly open: number
  /** Of the rejected events. One event may have several reasons. */
  readonly share: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly contractExpects: string
  /** The newest event with this reason, personal data masked. */
  readonly sample: Sample
}

export type Sample = {
  readonly messageId: string
  readonly publishedAt: string
  readonly orderId: string | null
  readonly path: string
  readonly received: string
  readonly event: string
}

export type Report = ReportRequest & {
  /** Messages in the period; what we sent again ourselves does not count. */
  readonly received: number
  readonly rejected: number
  /** Rejected ones whose event is staged since, whoever corrected it. */
  readonly corrected: number
  /** Rejected ones that wait to be corrected. The others were closed without that. */
  readonly waiting: number
  /** Staged versions of events that had been published before with other contents. */
  readonly corrections: number
  /** Staged events that share type, order and timestamp, and have no event id to tell them apart. */
  readonly lookalikes: number
  /** Publish times of the first and the last rejected one. */
  readonly firstSeen: string | null
  readonly lastSeen: string | null
  readonly reasons: readonly ReasonRow[]
  /** Purchases that keep the contract and were not meant for Google Ads. */
  readonly notForGoogleAds: readonly ExcludedPurchases[]
}

/** The report, or the partners that sent something in the period where this one sent nothing. */
export type ReportResult =
  | { readonly report: Report }
  | { readonly otherPartners: readonly string[] }

/** @throws OperationError `period_reversed`, and BigQueryError */
export async function reportOn(read: Reader, request: ReportRequest): Promise<ReportResult> {
  const report = await readReport(read, request)
  if (report.received > 0 || report.rejected > 0) return { report }
  const found = await read(partners(request))
  return { otherPartners: found.map(({ partner_id }) => partner_id) }
}

async function readReport(read: Reader, request: ReportRequest): Promise<Report> {
  const { since, until } = request
  if (since && until && since >= until)
    throw new OperationError('period_reversed', { since, until })
  const [[messages], [totals], [versions], reasons, samples, googleAds] = await Promise.all([
    read(partnerMessages(request)),
    read(rejectedTotals(request)),
    read(partnerVersions(request)),
    read(rejectedReasons(request)),
    read(rejectedSamples(request)),
    read(partnerGoogleAds(request)),
  ])
  const { rejected = 0, corrected = 0, waiting = 0 } = totals ?? {}
  const sampleOf = new Map(samples.map(sampleEntry))
  return {
    ...request,
    received: messages?.received ?? 0,
    rejected,
    corrected,
    waiting,
    corrections: versions?.corrections ?? 0,
    lookalikes: versions?.lookalikes ?? 0,
    firstSeen: totals?.first_seen ?? null,
    lastSeen: totals?.last_seen ?? null,
    reasons: reasons.map((row) => toReason(row, rejected, sampleOf)),
    notForGoogleAds: excludedPurchases(googleAds),
  }
}

type Found = { readonly sample: Sample; readonly expected: string }

type SampleRow = z.output<ReturnType<typeof rejectedSamples>['row']>
type ReasonTotals = z.output<ReturnType<typeof rejectedReasons>['row']>

function sampleEntry({ reason, data, ...of }: SampleRow): [reason: string, found: Found] {
  const violation = of.faults.find((one) => one.reason === reason)
  const sample = {
    messageId: of.message_id,
    publishedAt: of.publish_time,
    orderId: of.order_id,
    path: violation?.path ?? '',
    received: violation?.received ?? '',
    event: maskedSample(data),
  }
  return [reason, { sample, expected: violation?.expected ?? '' }]
}

const NO_SAMPLE: Found = {
  sample: { messageId: '', publishedAt: '', orderId: null, path: '', received: '', event: '' },
  expected: '',
}

function toReason(
  { reason, events, open, first_seen, last_seen }: ReasonTotals,
  rejected: number,
  samples: ReadonlyMap<string, Found>,
): ReasonRow {
  const { sample, expected } = samples.get(reason) ?? NO_SAMPLE
  return {
    reason,
    events,
    open,
    share: events / rejected,
    firstSeen: first_seen,
    lastSeen: last_seen,
    contractExpects: REASONS[reason] ?? expected,
    sample,
  }
}
