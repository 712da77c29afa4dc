// Writes the report of a partner's rejected events: Markdown for people, CSV for their tables. Pure.

import { markdownBlock, markdownCode, markdownText } from '#contracts'
import type { ReasonRow, Report } from '#operations/partner-report/read'
import { csvOf } from '../output/csv.ts'
import { googleAdsSection } from './google-ads-text.ts'

export function asMarkdown(report: Report): string {
  const { partner, open, reasons } = report
  const title = open ? 'Events to be corrected' : 'Rejected events'
  const parts = [
    `# ${title}: ${markdownText(partner)}`,
    periodLine(report),
    totalLine(report),
    ...versionLines(report),
    ...(reasons.length > 0
      ? [table(reasons), ...reasons.map(section), howToFix(report)]
      : [open ? 'Nothing waits to be corrected.' : 'Nothing was rejected.']),
    ...(open ? [] : googleAdsSection(partner, report.notForGoogleAds)),
  ]
  return parts.join('\n\n')
}

/** One line a reason. */
export function asCsv({ partner, reasons, ...sums }: Report): string {
  const rows = reasons.map(({ sample, ...row }) => ({
    partner_id: partner,
    reason: row.reason,
    events: row.events,
    still_open: row.open,
    share_of_rejected: row.share.toFixed(4),
    first_seen: row.firstSeen,
    last_seen: row.lastSeen,
    contract_expects: row.contractExpects,
    path: sample.path,
    received_value: sample.received,
    sample_message_id: sample.messageId,
    sample_order_id: sample.orderId,
    sample: sample.event,
    received_in_period: sums.received,
    rejected_in_period: sums.rejected,
    corrected_since: sums.corrected,
    open_in_period: sums.waiting,
    corrections_in_period: sums.corrections,
    lookalikes_in_period: sums.lookalikes,
  }))
  return csvOf(rows, { columns: CSV_COLUMNS })
}

const CSV_COLUMNS = [
  'partner_id',
  'reason',
  'events',
  'still_open',
  'share_of_rejected',
  'first_seen',
  'last_seen',
  'contract_expects',
  'path',
  'received_value',
  'sample_message_id',
  'sample_order_id',
  'sample',
  'received_in_period',
  'rejected_in_period',
  'corrected_since',
  'open_in_period',
  'corrections_in_period',
  'lookalikes_in_period',
]

function periodLine({ since, until, firstSeen, lastSeen }: Report): string {
  const from = since?.toISOString() ?? firstSeen
  const to = until?.toISOString() ?? lastSeen
  if (!from || !to) return 'Published at any time.'
  return `Published from ${minute(from)} to ${minute(to)} UTC.`
}

function totalLine({ received, rejected, corrected, waiting, open }: Report): string {
  const share = received > 0 ? ` (${percent(Math.min(1, rejected / received))})` : ''
  const broke = `**${count(rejected)}** of ${count(received)} events received${share} broke the contract`
  if (open) return `${broke} and still wait to be corrected: they are not taken for orders.`
  const closed = rejected - corrected - waiting
  return `${broke}. They were kept. Corrected since: **${count(corrected)}**. Still to be corrected: **${count(waiting)}**. Closed uncorrected: **${count(closed)}**. Only what was corrected is taken for orders.`
}

function versionLines({ corrections, lookalikes }: Report): string[] {
  const corrected = `**${count(corrections)}** events were corrections: the same \`event_id\` of the same order, with other contents. The newest version of each counts.`
  const alike = `**${count(lookalikes)}** events without an \`event_id\` share type, order and timestamp with another one and differ from it. Each counts as an event of its own. Send an \`event_id\` with every event, so that several cars of an order can be told from a correction.`
  return [...(corrections > 0 ? [corrected] : []), ...(lookalikes > 0 ? [alike] : [])]
}

function table(reasons: readonly ReasonRow[]): string {
  const rows = reasons.map((row) =>
    [
      markdownCode(row.reason),
      count(row.events),
      count(row.open),
      percent(row.share),
      minute(row.firstSeen),
      minute(row.lastSeen),
      markdownText(row.contractExpects),
    ].join(' | '),
  )
  const head =
    'reason | events | still open | share | first (UTC) | last (UTC) | what the contract expects'
  return [head, ':-- | --: | --: | --: | :-- | :-- | :--', ...rows]
    .map((row) => `| ${row} |`)
    .join('\n')
}

function section({ reason, contractExpects, sample }: ReasonRow): string {
  const at = sample.path === '' ? '' : ` at ${markdownCode(sample.path)}`
  const order = sample.orderId === null ? '' : `, order ${markdownCode(sample.orderId)}`
  const came = sample.received === '' ? '' : ` This came: ${markdownCode(sample.received)}.`
  return [
    `## ${markdownText(reason)}`,
    `The contract expects${at}: ${markdownText(contractExpects)}.${came}`,
    `The newest sample (message ${markdownCode(sample.messageId)}${order}, published ${minute(sample.publishedAt)} UTC), personal data masked:`,
    markdownBlock(sample.event, 'json'),
  ].join('\n\n')
}

const howToFix = ({ corrected, rejected }: Report) => `## How to fix

1. Correct the fields named above at their source. An event may break several rules: each is in the table.
2. ${corrected < rejected ? PUBLISH_AGAIN : 'Nothing has to be published again: all of these events have been corrected.'}
3. The contract is a JSON Schema (\`event-v1.schema.json\`), which we send along: hold events to it before you publish.`

const PUBLISH_AGAIN = `Publish what has not been corrected yet again, as new messages, with the same \`event_id\` where you send one. It is safe
   to repeat: the same contents count once.`

const count = (value: number) => value.toLocaleString('en')
const minute = (time: string) => time.slice(0, 16).replace('T', ' ')

function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 0.1 ? '< 0.1' : value.toFixed(1)} %`
}
