// Temporal's UI as an operator has it open: one page, the columns of a dead letter, and what it shows.

import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Browser, Page } from 'playwright-core'

/** What an operator adds once, with the button below the list; the UI keeps it in the browser. */
const COLUMNS = [
  'Status',
  'PartnerId',
  'Stage',
  'EventCount',
  'OldestEventAt',
  'Reason',
  'EventType',
  'Workflow ID',
]

const VIEWPORT = { width: 1280, height: 800 }
const ANSWER_LIMIT_MS = 20_000

export type TemporalUi = {
  readonly page: Page
  /** The list of the runs that the query finds, as its address has it. */
  readonly list: (query: string) => Promise<void>
  /** A run, at its first tab, once its input is decrypted. */
  readonly run: (workflowId: string, runId: string) => Promise<void>
  readonly tab: (name: string) => Promise<void>
  /** The JSON a box of the first tab holds, by its copy button: the box itself has only the lines in view. */
  readonly copied: (box: 'Input' | 'Result') => Promise<unknown>
  /** The text of the Markdown that the tab for a person's words renders in frames. */
  readonly words: () => Promise<string>
}

/** @param url of the UI's namespace, such as `http://127.0.0.1:8233/namespaces/default` */
export async function openTemporalUi(browser: Browser, url: string): Promise<TemporalUi> {
  const context = await browser.newContext({ viewport: VIEWPORT, timezoneId: 'UTC' })
  context.setDefaultTimeout(ANSWER_LIMIT_MS)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const columns = { default: COLUMNS.map((label) => ({ label })) }
  await context.addInitScript({
    content: remembering({ 'namespace-workflow-table-columns': columns, navOpen: false }),
  })
  const page = await context.newPage()
  return {
    page,
    list: async (query) => {
      await page.goto(`${url}/workflows?query=${encodeURIComponent(query)}`)
      await page.getByRole('table').waitFor()
    },
    run: async (workflowId, runId) => {
      await page.goto(`${url}/workflows/${encodeURIComponent(workflowId)}/${runId}`)
      const input = page.getByRole('textbox', { name: 'Input' })
      await input
        .getByText(/"(events|messages)"/)
        .first()
        .waitFor()
    },
    tab: (name) => page.getByTestId(`${name}-tab`).click(),
    copied: (box) => copied(page, box),
    words: () => words(page),
  }
}

/** For a page: what its browser would have kept from an earlier visit. */
function remembering(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .map(([name, value]) => [name, JSON.stringify(value)].map((text) => JSON.stringify(text)))
    .map(([name, value]) => `localStorage.setItem(${name}, ${value})`)
    .join(';')
}

async function copied(page: Page, box: 'Input' | 'Result'): Promise<unknown> {
  const boxes = page.getByTestId('input-and-result')
  // Copy and enlarge stand in each box, copy first.
  const inBox = boxes.locator('.relative', { has: page.getByRole('textbox', { name: box }) })
  await inBox.getByRole('button').first().click()
  return JSON.parse(String(await page.evaluate('navigator.clipboard.readText()')))
}

async function words(page: Page): Promise<string> {
  const frames = page.locator('iframe[title="output"]')
  await frames.first().waitFor()
  const contents = (await frames.all()).map((frame) => frame.contentFrame().locator('body'))
  return (await Promise.all(contents.map((body) => body.innerText()))).join('\n')
}

/** Keeps what the page looks like, where UPDATE_SCREENSHOTS is set. */
export async function keepScreenshot(page: Page, file: string): Promise<void> {
  if (!process.env['UPDATE_SCREENSHOTS']) return
  await mkdir(dirname(file), { recursive: true })
  await page.screenshot({ path: file, animations: 'disabled' })
}
