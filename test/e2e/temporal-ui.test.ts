// What an operator sees in Temporal's UI, in a real browser, with encryption on: the list, a failed run, a batch.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { WORKFLOW } from '#contracts'
import type { Publishable } from '#runtime/pubsub'
import { findChromium, launchChromium, NO_CHROMIUM } from '../support/chromium.ts'
import { usePipeline } from '../support/pipeline.ts'
import { keepScreenshot, openTemporalUi, type TemporalUi } from '../support/temporal-ui.ts'

const executable = findChromium()
const inBrowser = executable === undefined ? describe.skip : describe
if (executable === undefined) process.stderr.write(`test/e2e/temporal-ui.test.ts: ${NO_CHROMIUM}\n`)

const IMAGES = 'docs/images'
const TEST_LIMIT_MS = 120_000

const PERSONAL = { customer_id: 'C-4711', email: 'max@example.com', phone: '+49 170 1234567' }
const SECRETS = /C-4711|max@example|170 1234567/

const purchase = (number: number) => ({
  type: 'purchase',
  order_id: `ORD-${number}`,
  car_model: 'SUV',
  amount: 45_000,
  timestamp: new Date().toISOString(),
  ...PERSONAL,
})

const from = (partner: string, event: object | string): Publishable => ({
  data: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)),
  attributes: { partner_id: partner },
})

/** Twelve good events of three partners, and of dealer-7 what its new export broke. */
const FIRST_BATCH = [
  ...Array.from({ length: 12 }, (_, i) => from(`dealer-${(i % 3) + 6}`, purchase(i))),
  ...[12, 13, 14].map((i) => from('dealer-7', { ...purchase(i), amount: 'abc' })),
  from('dealer-7', { ...purchase(15), amount: 'abc', vehicle: { vin: 17, make: 'VW' } }),
  from('dealer-7', { ...purchase(16), timestamp: '2999-01-01T00:00:00Z' }),
  from('dealer-3', '{"type":"purchase","email":"max@example.com"'),
]
const SECOND_BATCH = [
  from('dealer-7', { ...purchase(20), amount: 'abc' }),
  from('dealer-3', { ...purchase(21), amount: 'abc' }),
]

const WANTED = `WorkflowType="${WORKFLOW.deadLetter}" AND ExecutionStatus="Failed" AND PartnerId="dealer-7" AND Reason="amount_not_a_number"`

inBrowser('in the UI of Temporal, with encryption on', () => {
  // One batch is what is published at once.
  const pipeline = usePipeline({ BRIDGE_LINGER_MS: '1000' })
  let browser: Browser
  let ui: TemporalUi

  beforeAll(async () => {
    await pipeline().send(FIRST_BATCH)
    await pipeline().send(SECOND_BATCH)
    browser = await launchChromium(executable ?? '')
    const { temporal } = pipeline().stack
    ui = await openTemporalUi(browser, `${temporal.uiUrl}/namespaces/${temporal.namespace}`)
  }, TEST_LIMIT_MS)
  afterAll(() => browser?.close())

  async function find(query: string) {
    for await (const run of pipeline().temporal.workflow.list({ query })) return run
    throw new Error(`no workflow has ${query}`)
  }

  const seen = () => ui.page.locator('body').innerText()

  test(
    'the list is filtered by partner and reason, and has stage, count, reasons and age as columns',
    async () => {
      await ui.list(WANTED)
      const rows = ui.page.getByRole('row').filter({ hasText: 'dead-letter/' })
      await rows.nth(1).waitFor()
      expect(await rows.count()).toBe(2)
      const texts = await rows.allInnerTexts()
      for (const text of texts) {
        expect(text).toMatch(/failed/i)
        expect(text).toContain('dealer-7')
        expect(text).toContain('validation')
        expect(text).toContain('amount_not_a_number')
        expect(text).toContain('purchase')
        expect(text).toContain(`${new Date().getUTCFullYear()}`)
      }
      expect(texts.join('\n')).toContain('timestamp_in_future')
      expect(await seen()).not.toMatch(SECRETS)
      await keepScreenshot(ui.page, `${IMAGES}/dead-letters.png`)
    },
    TEST_LIMIT_MS,
  )

  test(
    'a failed run says what went wrong how often, and holds each event with its faults, masked',
    async () => {
      const { workflowId, runId } = await find(`${WANTED} AND EventCount=5`)
      await ui.run(workflowId, runId)
      expect(await seen()).not.toMatch(SECRETS)
      await keepScreenshot(ui.page, `${IMAGES}/dead-letter-events.png`)

      const { failure } = Object(await ui.copied('Result'))
      expect(failure.message).toMatch(
        /^5 events rejected from dealer-7: amount_not_a_number \(4\), /,
      )
      expect(failure.message).toContain('vehicle_vin_not_a_string (1)')
      expect(failure).not.toHaveProperty('stackTrace')
      const input = await ui.copied('Input')
      expect(input).toMatchObject({ partnerId: 'dealer-7', stage: 'validation' })
      const { events } = Object(input)
      expect(events).toHaveLength(5)
      const event = Object(events).find(({ orderId }: { orderId: string }) => orderId === 'ORD-15')
      expect(event).toMatchObject({
        faults: expect.arrayContaining([
          {
            reason: 'amount_not_a_number',
            path: 'amount',
            expected: expect.stringContaining('a JSON number'),
            received: '"abc"',
          },
          {
            reason: 'vehicle_vin_not_a_string',
            path: 'vehicle.vin',
            expected: expect.stringContaining('at most 256'),
            received: '(masked string)',
          },
        ]),
        data: { order_id: 'ORD-15', amount: 'abc', email: '(masked string)' },
      })
      expect(JSON.stringify(input)).not.toMatch(SECRETS)
    },
    TEST_LIMIT_MS,
  )

  test(
    'its words are a summary, a list of reasons and the next step, decrypted',
    async () => {
      const { workflowId, runId } = await find(`${WANTED} AND EventCount=5`)
      await ui.run(workflowId, runId)
      await ui.tab('user-metadata')
      const words = await ui.words()
      expect(words).toContain('5 events of dealer-7 rejected: amount_not_a_number (4)')
      expect(words).toContain('amount_not_a_number × 4: expected a JSON number')
      expect(words).toContain(`npm run dlq -- show ${workflowId}`)
      expect(words).not.toMatch(SECRETS)
      await ui.page.getByTestId('user-metadata-tab').evaluate((tab) => tab.scrollIntoView())
      await keepScreenshot(ui.page, `${IMAGES}/dead-letter-details.png`)
    },
    TEST_LIMIT_MS,
  )

  test(
    'a batch is readable JSON, personal data masked',
    async () => {
      const { workflowId, runId } = await find(
        `WorkflowType="${WORKFLOW.processBatch}" AND EventCount=18`,
      )
      await ui.run(workflowId, runId)
      expect(await seen()).not.toMatch(SECRETS)
      await keepScreenshot(ui.page, `${IMAGES}/batch.png`)

      const input = await ui.copied('Input')
      const { messages } = Object(input)
      expect(messages).toHaveLength(18)
      expect(messages).toContainEqual(
        expect.objectContaining({
          attributes: { partner_id: 'dealer-6' },
          data: expect.objectContaining({
            order_id: 'ORD-0',
            amount: 45_000,
            customer_id: '(masked string)',
            phone: '(masked string)',
          }),
        }),
      )
      expect(JSON.stringify(input)).not.toMatch(SECRETS)
      expect(await ui.copied('Result')).toMatchObject({ received: 18, accepted: 12, rejected: 6 })
    },
    TEST_LIMIT_MS,
  )
})
