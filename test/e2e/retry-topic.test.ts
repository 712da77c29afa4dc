// Events that go round by the retry topic while a demo is up: its ledger counts them, waits for them, and balances. Its bridge and its
// worker have the metrics of the catalogue and trace every batch, and a real Prometheus has values for every panel of the dashboards.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SWEEP_SCHEDULE } from '#contracts'
import { publish } from '#operations/send/publish'
import { groupBy } from '#runtime/group-by'
import { isBalanced, readLedger } from '../../deploy/local/demo/ledger.ts'
import { type MeasuredPipeline, startPipeline } from '../../deploy/local/demo/pipeline.ts'
import { waitUntilQuiet } from '../../deploy/local/demo/watch.ts'
import { makeMessages } from '../../deploy/local/events/messages.ts'
import { purchase } from '../fixtures/messages.ts'
import { alertSelectors, emptyOf, resolved } from '../support/ask-panels.ts'
import { compareWithCatalogue } from '../support/catalogue-series.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { panelQueries, readDashboard } from '../support/dashboards.ts'
import { dashboardPage } from '../support/draw-dashboard.ts'
import {
  hasPrometheus,
  NO_PROMETHEUS,
  type Prometheus,
  type Span,
  startPrometheus,
} from '../support/prometheus.ts'
import { runCommand } from '../support/run-command.ts'
import { scrape, scrapeSeries } from '../support/scrape.ts'
import { startSpanReceiver } from '../support/span-receiver.ts'
import { waitFor } from '../support/wait-for.ts'

// It names dealer-7, who is among the partners of made events.
process.env['PARTNERS_FILE'] = 'partners.example.yaml'

let pipeline: MeasuredPipeline
/** Messages of the topic of events. */
let sent = 0
let collector: Awaited<ReturnType<typeof startSpanReceiver>>

beforeAll(async () => {
  collector = await startSpanReceiver()
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url
  pipeline = await startPipeline()
}, 300_000)
afterAll(async () => {
  await pipeline.stop()
  await collector.close()
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT']
})

/** The span in which a publisher of the test published. */
const PUBLISHER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }

const event = (order_id: string, more: object = {}) => ({
  attributes: {
    partner_id: 'follower',
    traceparent: `00-${PUBLISHER.traceId}-${PUBLISHER.spanId}-01`,
  },
  data: Buffer.from(
    JSON.stringify({ ...purchase, order_id, timestamp: new Date().toISOString(), ...more }),
  ),
})

test('the doctor finds nothing wrong with a demo that runs', async () => {
  const { code, stdout } = await runCommand(['doctor', '--json'])
  const results: readonly { readonly state: string }[] = JSON.parse(stdout)
  expect(results.length).toBeGreaterThan(10)
  expect(results.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(code).toBe(0)
}, 60_000)

test('published, received and rejected by both topics', async () => {
  const good = Array.from({ length: 8 }, (_, i) => event(`good-${i}`))
  const bad = [event('bad-1', { amount: 'x' }), event('bad-2', { amount: 'x', currency: 'EURO' })]
  const { config } = pipeline
  sent += await publish(config, [...good, ...bad], { topic: config.PUBSUB_TOPIC })
  expect(await waitUntilQuiet(pipeline, sent, () => {})).toBe(true)

  const patch = '[{"op":"replace","path":"/amount","value":45000.00}]'
  const args = ['dlq', 'redrive', '--all', '--via-topic', '--patch', patch]
  const { code, stderr, stdout } = await runCommand(args)
  expect([code, stderr, stdout]).toEqual([
    0,
    '',
    '2 events of 1 dead letter republished: closed, and kept in the tables.\n',
  ])
  expect(await waitUntilQuiet(pipeline, sent, () => {})).toBe(true)
  const ledger = await readLedger(pipeline)
  expect(ledger).toMatchObject({
    published: 12,
    received: 12,
    accepted: 9,
    rejected: 3,
    staged: { purchase: 9, cancellation: 0 },
    deadLetters: { open: 1 },
  })
  expect(isBalanced(ledger)).toBe(true)
}, 120_000)

describe('the metrics of the demo', () => {
  beforeAll(async () => {
    await pipeline.temporal.schedule.getHandle(SWEEP_SCHEDULE).trigger()
    const isSwept = async () =>
      (await scrape(pipeline.metrics.worker, 'sweep_'))[
        'sweep_last_run_timestamp_seconds{check="receipts"}'
      ] !== undefined
    await waitFor(isSwept, 'the sweep', 60_000)
  }, 90_000)

  test.each(['bridge', 'worker'] as const)(
    'the %s serves every metric of the catalogue, with labels of the catalogue, and no other metric',
    async (process) => {
      const isComplete = async () => {
        const series = await scrapeSeries(pipeline.metrics[process])
        return compareWithCatalogue(process, series).missing.length === 0
      }
      await waitFor(isComplete, 'every metric', 20_000).catch(() => {})
      const series = await scrapeSeries(pipeline.metrics[process])
      expect(compareWithCatalogue(process, series)).toEqual({ missing: [], unknown: [] })
    },
    60_000,
  )

  test("share the port of the worker with those of Temporal's SDK", async () => {
    const series = await scrapeSeries(pipeline.metrics.worker)
    expect(series.map(({ name }) => name)).toContain('temporal_worker_task_slots_available')
  })

  test('agree with the ledger', async () => {
    const { bridge, worker } = pipeline.metrics
    expect(await scrape(bridge, 'bridge_messages_received')).toEqual({
      bridge_messages_received_total: 12,
    })
    expect(
      await scrape(worker, 'events_decided', 'ledger', 'event_publish_to_staged_seconds_c'),
    ).toEqual({
      'events_decided_total{decision="accepted"}': 9,
      'events_decided_total{decision="rejected"}': 3,
      event_publish_to_staged_seconds_count: 9,
    })
  })
})

describe('the traces of the demo', () => {
  const traces = () => groupBy(collector.spans, ({ traceId }) => traceId)
  /** The trace of the first batch, which has good and bad events. */
  const ofFirstBatch = () =>
    [...traces().values()].find((spans) =>
      spans.some(({ name }) => name === 'append staging_purchase'),
    )

  test('have every step of a batch and what it asks of the sinks, below one start that names the publisher', async () => {
    const isWhole = () => {
      const spans = ofFirstBatch() ?? []
      const has = (wanted: string) => spans.some(({ name }) => name === wanted)
      return has('start batch') && has('recordDeadLetter') && has('deliver to Segment') && spans
    }
    const spans = await waitFor(isWhole, 'the spans of a batch', 20_000)
    const roots = spans.filter(({ parentSpanId }) => !parentSpanId)
    expect(roots.map(({ name, links }) => ({ name, links }))).toEqual([
      { name: 'start batch', links: [expect.objectContaining(PUBLISHER)] },
    ])
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'validateEvents',
        'writeAuditLog',
        'append audit_log',
        'stageEvents',
        'append staging_purchase',
        'activateEvents',
        'append activation_log',
        'append batch_ledger',
        'openDeadLetters',
        'append dead_letter',
      ]),
    )
    const ids = new Set(spans.map(({ spanId }) => spanId))
    const lost = spans.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId))
    expect(lost.map(({ name }) => name)).toEqual([])
  }, 60_000)

  test('are those of batches, and have nothing of their events', async () => {
    const ids = pipeline.temporal.workflow.list({ query: `WorkflowType = 'processBatch'` })
    const batches: string[] = []
    for await (const { workflowId } of ids) batches.push(workflowId)
    for (const traceId of traces().keys()) expect(batches).toContain(`batch-${traceId}`)
    expect(traces().size).toBe(batches.length)
    // A workflow id of a dead letter has the partner, as Temporal shows it.
    expect(/good-\d|bad-\d|C101|SUV/.test(collector.text())).toBe(false)
  })
})

const withPrometheus = hasPrometheus() ? describe : describe.skip
if (!hasPrometheus()) process.stderr.write(`test/e2e/retry-topic.test.ts: ${NO_PROMETHEUS}\n`)

withPrometheus('Prometheus, which scraped the demo', () => {
  let prometheus: Prometheus
  let span: Span
  const publishMade = async (mix: { count: number; seed: number }) => {
    const { config } = pipeline
    const made = makeMessages({ ...mix, partners: 8, invalid: 0.1, repeated: 0.05 }, new Date())
    sent += await publish(config, [...made], { topic: config.PUBSUB_TOPIC })
  }
  const send = async (mix: { count: number; seed: number }) => {
    await publishMade(mix)
    await waitUntilQuiet(pipeline, sent, () => {})
  }
  beforeAll(async () => {
    prometheus = await startPrometheus(pipeline.stack.logDir, pipeline.metrics)
    await prometheus.scraped()
    const from = Date.now() / 1000
    // A rate needs two values of a series, and a series begins with its first event.
    await send({ count: 300, seed: 11 })
    await prometheus.scraped()
    await send({ count: 300, seed: 12 })
    await pipeline.temporal.schedule.getHandle(SWEEP_SCHEDULE).trigger()
    await prometheus.hasValue('sweep_last_run_timestamp_seconds{check="receipts"}')
    await prometheus.scraped()
    span = { from, to: Date.now() / 1000, step: 1 }
  }, 180_000)
  afterAll(() => prometheus.stop())

  test('has values for every panel of every dashboard', async () => {
    const queries = panelQueries()
    expect(queries.length).toBeGreaterThan(80)
    expect(await emptyOf(prometheus, queries, span)).toEqual([])
  }, 60_000)

  test('has each series that an alert looks at', async () => {
    expect(await emptyOf(prometheus, alertSelectors(), span)).toEqual([])
  }, 60_000)

  test('can evaluate every rule, and no alert fires', async () => {
    expect(await prometheus.brokenRules()).toEqual([])
    expect(await prometheus.range('ALERTS{alertstate="firing"}', span)).toEqual([])
  })

  const drawing = process.env['UPDATE_SCREENSHOTS'] ? test : test.skip
  drawing(
    'draws the dashboard Pipeline for the docs',
    async () => {
      const from = Date.now() / 1000
      for (let wave = 0; wave < 24; wave += 1) {
        await publishMade({ count: 200 + 100 * Math.abs((wave % 12) - 6), seed: 100 + wave })
        await prometheus.scraped()
        await prometheus.scraped()
      }
      await waitUntilQuiet(pipeline, sent, () => {})
      await prometheus.scraped()
      const minutes = { from, to: Date.now() / 1000, step: 2 }
      const ask = (expr: string) => prometheus.range(resolved(expr), minutes)
      const browser = await launchChromium(findChromium() ?? '')
      const page = await browser.newPage({ viewport: { width: 1420, height: 900 } })
      await page.setContent(await dashboardPage(readDashboard('pipeline'), ask, minutes))
      await page.screenshot({ path: 'docs/images/dashboard-pipeline.png', fullPage: true })
      await browser.close()
    },
    600_000,
  )
})
