// The Beam peer decides and writes what we do: without this its speed would say nothing. Of activation that is the first event of an
// order: its purchase is sent, and its cancellation waits for the purchase.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from '@jest/globals'
import type { WrittenCall } from '#activation/segment/segment'
import type { Message } from '#contracts'
import type { Row, Value, Warehouse } from '#warehouse/warehouse'
import { createActivateEvents } from '../../../activities/activate-events.ts'
import { createActivate } from '../../../activities/activation/activate.ts'
import { outcomeRow } from '../../../activities/activation/outcome.ts'
import type { GovernorReport } from '../../../activities/governor/report.ts'
import { type BatchEvent, readEach } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { createValidateEvents } from '../../../activities/validate-events.ts'
import { createWriteAuditLog } from '../../../activities/write-audit-log.ts'
import { createWriteLedger } from '../../../activities/write-ledger.ts'
import { ensureValidation, type Python } from '../../../bench/peers/beam/install.ts'
import {
  attempt,
  batchOf,
  countDecisions,
  metrics,
  NO_OPEN_RUNS,
  RULES,
} from '../../support/activities.ts'
import { edgeMessages, mutatedMessages, partnerMessages } from '../../support/beam-corpus.ts'

const BATCH_ID = 'batch'
const NAMESPACE = 'namespace'
const JSON_COLUMNS = new Set(['attributes', 'consent', 'additional_properties'])

type Sent = {
  readonly audit: unknown
  readonly staging: unknown
  readonly call: unknown
  readonly activation: unknown
}

/** Everything our activities send for one message. */
async function ours(message: Message): Promise<Sent> {
  const rows = new Map<string, Row>()
  const calls: unknown[] = []
  const warehouse: Warehouse = {
    append: async (table, [row]) => {
      if (row) rows.set(table, row)
      return { written: 1, failed: [] }
    },
  }
  const segment = {
    deliver: async (chunk: readonly WrittenCall[]) => {
      calls.push(...chunk.map(({ json }) => JSON.parse(json)))
      return null
    },
  }
  const batch = batchOf(message)
  const reader = { read: () => readEach([message]), forget: () => {} }
  const verdict = await createValidateEvents(reader, countDecisions)(batch)
  const skip = verdict.rejected.map(({ index }) => index)
  await createWriteAuditLog(reader, warehouse, metrics)(batch, BATCH_ID, verdict.rejected)
  await createStageEvents(reader, warehouse, metrics)(batch, BATCH_ID, skip)
  const activate = createActivate({
    segment,
    warehouse,
    lookUp: async () => new Map(),
    rules: RULES_OF_PEER,
    findOpenRuns: NO_OPEN_RUNS,
    governor: NO_GOVERNOR,
    metrics,
  })
  const waiting: BatchEvent[] = []
  const handOver = async (_: string, events: readonly BatchEvent[]) => void waiting.push(...events)
  const writeLedger = createWriteLedger(reader, warehouse, metrics)
  const activateEvents = createActivateEvents({ reader, activate, handOver, writeLedger })
  await attempt(activateEvents, [batch, { batchId: BATCH_ID, skip }])
  for (const event of waiting) rows.set('activation_log', waitingRow(event))
  const [call] = calls
  return {
    audit: columnsOf(rows.get('audit_log')),
    staging: columnsOf(rows.get('staging_purchase') ?? rows.get('staging_cancellation')),
    call: call ? { type: 'track', ...call } : null,
    activation: columnsOf(rows.get('activation_log')),
  }
}

const RULES_OF_PEER = { ...RULES, namespace: NAMESPACE }

const NO_GOVERNOR: GovernorReport = {
  reportTrouble: async () => {},
  reportAccepted: async () => {},
  isProbing: async () => false,
}

/** As `activateLater` writes it, which looks at these events for the first time at once. */
function waitingRow(event: BatchEvent): Row {
  const outcome = { outcome: 'waiting', reason: 'purchase_awaited', decision: null } as const
  const run = { batchId: BATCH_ID, attemptId: 'attempt', namespace: NAMESPACE }
  return outcomeRow({ event, ...outcome }, run)
}

const columnsOf = (row: Row | undefined) => (row ? comparable(row.columns) : null)

/** BigQuery takes null for absent, and JSON in any order of keys. */
function comparable(columns: Readonly<Record<string, Value>>): Record<string, unknown> {
  const values = Object.entries(columns).filter(([, value]) => value !== null)
  return Object.fromEntries(
    values.map(([name, value]) => {
      if (value instanceof Uint8Array) return [name, Buffer.from(value).toString('base64')]
      return [name, JSON_COLUMNS.has(name) ? JSON.parse(String(value)) : value]
    }),
  )
}

/** What the peer sends, in the order of the messages. */
async function theirs(python: Python, messages: readonly Message[]): Promise<Sent[]> {
  const child = spawn(python.command, ['-m', 'check_events'], {
    env: { ...process.env, ...python.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  child.stdin.end(messages.map((message) => `${lineOf(message)}\n`).join(''))
  const output = await text(child.stdout)
  await closed
  expect(child.exitCode).toBe(0)
  return output.trim().split('\n').map(readSent)
}

function lineOf({ messageId, publishTime, attributes, data }: Message): string {
  const plain = Buffer.from(data).toString()
  const isText = Buffer.from(plain).equals(data)
  return JSON.stringify({
    id: messageId,
    time: publishTime,
    attributes,
    ...(isText ? { data: plain } : { base64: Buffer.from(data).toString('base64') }),
  })
}

function readSent(line: string): Sent {
  const sent: Record<keyof Sent, Record<string, Value> | null> = JSON.parse(line)
  return {
    audit: sent.audit && comparable(sent.audit),
    staging: sent.staging && comparable(sent.staging),
    call: sent.call,
    activation: sent.activation && comparable(sent.activation),
  }
}

describe.each(['json', 'orjson'] as const)('the Beam peer with %s', (parser) => {
  test.each([
    ['every event of the generators', partnerMessages],
    ['every edge of the contract', edgeMessages],
    ['any bytes, any JSON and any values', mutatedMessages],
  ])('decides and writes as we do: %s', async (_what, corpus) => {
    const python = await ensureValidation(parser)
    if (!python) {
      process.stderr.write('Not compared with Apache Beam: there is no Python 3.9+ on the PATH\n')
      return
    }
    const messages = corpus()
    const answers = await theirs(python, messages)
    expect(answers).toHaveLength(messages.length)
    for (const [index, message] of messages.entries()) {
      const shown = { message: Buffer.from(message.data.subarray(0, 2_000)).toString() }
      const expected = JSON.parse(JSON.stringify(await ours(message)))
      expect({ ...shown, ...answers[index] }).toEqual({ ...shown, ...expected })
    }
  })
})
