// What partners really send as identifiers, published through the whole pipeline with a partner registry that is edited meanwhile.

import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stackDir } from '../../../deploy/local/paths.ts'
import { purchase } from '../../fixtures/messages.ts'
import { usePipeline } from '../../support/pipeline.ts'
import { runCommand } from '../../support/run-command.ts'

const folder = join(stackDir, 'test', randomUUID())
const registry = join(folder, 'partners.yaml')
mkdirSync(folder, { recursive: true })
writeFileSync(registry, 'partners:\n  german:\n    default_country: DE\n')
afterAll(() => rm(folder, { recursive: true, force: true }))

const pipeline = usePipeline({ PARTNERS_FILE: registry })

/** A worker looks every two seconds, and takes what two looks find. */
const EDIT_MS = 8_000

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const consent = { ad_user_data: true, ad_personalization: true }

type Case = readonly [
  sent: Readonly<Record<string, unknown>>,
  expected: { readonly [property: string]: string } | string,
  omitted?: readonly string[],
]

/** What is sent, and the property that Segment gets or the reason why the purchase is not meant for Google Ads. */
const CASES: Readonly<Record<string, Case>> = {
  'H05-a': [{ phone: '+49 (0)151 2345 6789' }, { phone: sha256('+4915123456789') }],
  'H05-b': [{ phone: '+44 (0)20 7946 0958' }, { phone: sha256('+442079460958') }],
  'H05-c': [{ phone: '+49 0151 23456789' }, { phone: sha256('+4915123456789') }],
  'H05-ok': [{ phone: '+39 06 6981 2345' }, { phone: sha256('+390669812345') }],
  'H07-a': [{ gclid: 'undefined' }, 'no_usable_identifier', ['gclid_placeholder']],
  'H07-b': [{ gclid: '(not set)' }, 'no_usable_identifier', ['gclid_placeholder']],
  'H07-c': [
    { gclid: 'null', email: 'jane@example.com' },
    { email: sha256('jane@example.com') },
    ['gclid_placeholder'],
  ],
  'H07-d': [{ gclid: ' Cj0KCQtestAAA ' }, { gclid: 'Cj0KCQtestAAA' }],
  'H07-e': [{ gclid: 'https://shop.example/?gclid=Cj0KCQtestAAA&x=1' }, { gclid: 'Cj0KCQtestAAA' }],
  'H08-a': [{ phone: '\u202a+49 151 23456789\u202c' }, { phone: sha256('+4915123456789') }],
  'H08-b': [{ phone: '+49\u2011151\u201123456789' }, { phone: sha256('+4915123456789') }],
  'H08-c': [{ phone: 'tel:+4915123456789' }, { phone: sha256('+4915123456789') }],
  'H08-d': [{ phone: '+49 151 23456789 ext. 5' }, { phone: sha256('+4915123456789') }],
  national: [{ phone: '0151 23456789' }, 'no_usable_identifier', ['phone_country_unknown']],
  german: [{ phone: '0151 23456789', partner_id: 'german' }, { phone: sha256('+4915123456789') }],
  broken: [{ phone: 'call me' }, 'no_usable_identifier', ['phone_unparseable']],
  hashed: [{ email: sha256('a@b.example').toUpperCase() }, { email: sha256('a@b.example') }],
  denied: [{ email: 'jane@example.com', consent: { ad_user_data: false } }, 'consent_denied'],
  nothing: [{}, 'no_usable_identifier'],
}

const messageOf = (orderId: string, sent: Readonly<Record<string, unknown>>) => ({
  data: Buffer.from(
    JSON.stringify({
      ...purchase,
      partner_id: 'dealer-x',
      order_id: orderId,
      event_id: orderId,
      consent,
      timestamp: new Date().toISOString(),
      ...sent,
    }),
  ),
  attributes: {},
})

type LogRow = {
  readonly event_id: string
  readonly outcome: string
  readonly google_ads: string
  readonly google_ads_reason: string | null
  readonly omitted_identifiers: readonly string[]
}

const log = new Map<string, LogRow>()

async function readLog() {
  const sql = `SELECT event_id, outcome, google_ads, google_ads_reason, omitted_identifiers FROM streaming.activation_log`
  const [rows]: [LogRow[], ...unknown[]] = await pipeline().bigquery.query(sql)
  for (const row of rows) log.set(row.event_id, row)
}

beforeAll(async () => {
  await pipeline().send(Object.entries(CASES).map(([id, [sent]]) => messageOf(id, sent)))
  await readLog()
}, 240_000)

test.each(Object.keys(CASES))('%s is in the log as it was decided', (id) => {
  const [, expected, omitted = []] = CASES[id] ?? [{}, '']
  const isExcluded = typeof expected === 'string'
  expect(log.get(id)).toEqual({
    event_id: id,
    outcome: 'accepted',
    google_ads: isExcluded ? 'excluded' : 'intended',
    google_ads_reason: isExcluded ? expected : null,
    omitted_identifiers: omitted,
  })
})

const TAKEN = Object.entries(CASES).flatMap(([id, [, expected]]) =>
  typeof expected === 'string' ? [] : [[id, expected] as const],
)

test('Segment gets what Google Ads would hash, and the placeholders of none', async () => {
  const calls = await readFile(pipeline().stack.segment.file ?? '', 'utf8')
  for (const [id, properties] of TAKEN) {
    const line = calls
      .split('\n')
      .find((call) => call.includes(`"${id}"`) || call.includes(`${id}"`))
    for (const [name, value] of Object.entries(properties)) {
      expect(line).toContain(`"${name}":"${value}"`)
    }
  }
  expect(calls).not.toMatch(/"gclid":"(undefined|null|\(not set\)|https)/)
})

test('trace says whether a purchase is meant for Google Ads, and why not', async () => {
  const env = { ...pipeline().stack.env, GOOGLE_CLOUD_PROJECT: 'local' }
  const answer = async (id: string) => (await runCommand(['trace', id], 'cli/main.ts', env)).stdout
  expect(await answer('broken')).toContain(
    'accepted by Segment, not meant for Google Ads: no usable identifier (phone_unparseable).',
  )
  expect(await answer('H07-c')).toContain(
    'accepted by Segment, meant for Google Ads, left out: gclid_placeholder.',
  )
})

test('the report of a partner counts its purchases without a usable identifier', async () => {
  const env = { ...pipeline().stack.env, GOOGLE_CLOUD_PROJECT: 'local' }
  const args = ['dlq', 'report', '--partner', 'dealer-x']
  const { stdout } = await runCommand(args, 'cli/main.ts', env)
  expect(stdout).toContain(
    '- 5 purchases of dealer-x without a usable identifier: `gclid_placeholder` (2), `phone_country_unknown` (1), `phone_unparseable` (1)',
  )
  expect(stdout).toContain('- 1 purchase of dealer-x without consent to advertising')
})

test('an edit of the registry is in effect without a restart, and a broken one changes nothing', async () => {
  const decide = async (id: string) => {
    await pipeline().send([messageOf(id, { phone: '0151 23456789' })])
    await readLog()
    return log.get(id)?.google_ads
  }
  const edit = async (text: string) => {
    await writeFile(registry, text)
    await setTimeout(EDIT_MS)
  }
  await edit('partners:\n  dealer-x:\n    default_country: DE\n')
  expect(await decide('edited')).toBe('intended')
  await edit('partners:\n  dealer-x:\n    default_country: Germany\n')
  expect(await decide('broken-edit')).toBe('intended')
}, 240_000)
