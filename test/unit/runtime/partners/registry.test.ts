// The partner registry: what it takes, how it says what is wrong, and that a broken edit changes nothing.

import { randomUUID } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { MAX_TEXT } from '#contracts/limits'
import { parseRegistry } from '#runtime/partners/parse'
import {
  NO_PARTNERS,
  type RegistryFile,
  readRegistry,
  watchRegistry,
} from '#runtime/partners/registry'
import { STANDARD_PARTNER, settingsOf } from '#runtime/partners/settings'
import { stackDir } from '../../../../deploy/local/paths.ts'
import { leastCpuMs } from '../../../support/cpu-cost.ts'
import { waitFor } from '../../../support/wait-for.ts'

const folder = join(stackDir, 'test', randomUUID())
const file = join(folder, 'partners.yaml')
beforeAll(async () => void (await mkdir(folder, { recursive: true })))
afterEach(() => {
  jest.restoreAllMocks()
  return rm(file, { force: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const settings = (text: string, partner: string) => {
  const parsed = parseRegistry(text)
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  return settingsOf(parsed.registry, partner)
}
const problems = (text: string) => {
  const parsed = parseRegistry(text)
  return parsed.ok ? [] : parsed.problems
}

const texts = (count: number) => `[${Array.from({ length: count }, (_, at) => `t${at}`).join()}]`
const activation = (field: string) => `activation: { ${field} }`
const categories = (ids: string) => activation(`consent_categories: { ad_user_data: ${ids} }`)

const TWO = `
defaults:
  default_country: DE
  default_consent: { ad_user_data: false, ad_personalization: false }
partners:
  dealer-7:
    name: Seven
    default_country: IT
    default_currency: EUR
    contact: data@seven.example
    fairness_weight: 2
    activation: {}
  dealer-8:
`

test('a partner has its own fields, and the defaults for the others', () => {
  expect(settings(TWO, 'dealer-7')).toEqual({
    name: 'Seven',
    country: 'IT',
    currency: 'EUR',
    consent: { ad_user_data: false, ad_personalization: false },
    contact: 'data@seven.example',
    fairnessWeight: 2,
    activation: STANDARD_PARTNER.activation,
  })
})

test.each(['dealer-8', 'never heard of', 'toString', '__proto__'])('%s has the defaults', (id) => {
  const consent = { ad_user_data: false, ad_personalization: false }
  expect(settings(TWO, id)).toEqual({ ...STANDARD_PARTNER, country: 'DE', consent })
})

const entry = (key: string, country: string) => `  ${key}: { default_country: ${country} }\n`

test.each([
  '007',
  '1e3',
  '1.0',
  '0x1F',
  '12345678901234567890',
  'null',
  'true',
  'TRUE',
  '-0',
  '.inf',
])('the partner %s is known by what is written, not by what YAML takes it for', (id) => {
  expect(settings(`partners:\n${entry(id, 'FR')}`, id).country).toBe('FR')
  expect(settings(`partners:\n${entry(`"${id}"`, 'FR')}`, id).country).toBe('FR')
})

test('partners whose ids are one number are two', () => {
  const text = `partners:\n${entry('007', 'DE')}${entry('7', 'FR')}`
  expect(settings(text, '007').country).toBe('DE')
  expect(settings(text, '7').country).toBe('FR')
})

test.each(['" d "', '"\u200bd"', '"d\\t"', '"\u00a0d"'])(
  'the partner %s is the one whose events have no white space around the id',
  (key) => {
    expect(settings(`partners:\n${entry(key, 'IT')}`, 'd').country).toBe('IT')
    expect(problems(`partners:\n  d:\n${entry(key, 'IT')}`)).toEqual([
      'line 3: Map keys must be unique: d is there twice',
    ])
  },
)

test.each(['', '# nothing', 'defaults:\npartners:\n', '{}', '\ufeffpartners: {}\r\n'])(
  '%j is a registry without partners',
  (text) => {
    expect(settings(text, 'dealer-7')).toEqual(STANDARD_PARTNER)
  },
)

test.each([
  ['default_country: Germany', 'line 3: partners.d.default_country must be two capital letters'],
  ['default_country: de', 'line 3: partners.d.default_country must be two capital letters'],
  ['default_country: 49', 'line 3: partners.d.default_country must be a text'],
  ['default_currency: EURO', 'line 3: partners.d.default_currency must be three capital letters'],
  ['default_consent: true', 'line 3: partners.d.default_consent must have categories'],
  [
    'default_consent: { ad_user_data: yes }',
    'line 3: partners.d.default_consent.ad_user_data must be true or false',
  ],
  ['contact: seven', 'line 3: partners.d.contact must be an e-mail address'],
  ['fairness_weight: 0', 'line 3: partners.d.fairness_weight must be a number from'],
  ['fairness_weight: "2"', 'line 3: partners.d.fairness_weight must be a number from'],
  ['activation: { hold: true }', 'line 3: partners.d.activation.hold is no field'],
  ['name: ""', 'line 3: partners.d.name must not be empty'],
  ['country: DE', 'line 3: partners.d.country is no field of the registry'],
  ['name: a\n    name: b', 'line 4: Map keys must be unique'],
])('%j is refused, with its line and key', (field, expected) => {
  const text = `partners:\n  d:\n    ${field}\n`
  expect(problems(text)).toEqual([expect.stringContaining(expected)])
})

test.each([
  ['fairness_weight: 0.001', 'fairness_weight: 0.0009'],
  ['fairness_weight: 1000', 'fairness_weight: 1000.1'],
  [`name: ${'x'.repeat(MAX_TEXT)}`, `name: ${'x'.repeat(MAX_TEXT + 1)}`],
  [`default_consent: { ${'c'.repeat(9)}: true }`, 'default_consent: { "": true }'],
  [activation('cooling_off_hours: 168'), activation('cooling_off_hours: 168.1')],
  [activation(`refund_reasons: ${texts(50)}`), activation(`refund_reasons: ${texts(51)}`)],
  [categories(texts(50)), categories(texts(51))],
])('%j is the most that is taken', (field, beyond) => {
  expect(problems(`partners:\n  d:\n    ${field}\n`)).toEqual([])
  expect(problems(`partners:\n  d:\n    ${beyond}\n`)).toHaveLength(1)
})

test('a line of 2,000 characters is taken, and the first longer one is named', () => {
  const padded = (length: number) => `# ${'x'.repeat(length - 2)}`
  expect(problems(`partners:\n${padded(2_000)}\n`)).toEqual([])
  expect(problems(`partners:\n${padded(2_001)}\n${padded(3_000)}`)).toEqual([
    'line 2: it has more than 2000 characters: shorten it',
  ])
})

test('a partner may be given what the defaults have in another form', () => {
  const own = settings(
    `defaults: { contact: all@example.com, fairness_weight: 3, default_currency: CHF }
partners:
  d: { default_consent: { ad_user_data: true }, default_currency: EUR }
`,
    'd',
  )
  expect(own).toMatchObject({
    contact: 'all@example.com',
    fairnessWeight: 3,
    currency: 'EUR',
    consent: { ad_user_data: true },
  })
})

test('a partner about whom nothing is known has a share of 1, and is activated at once', () => {
  expect(settings('', 'dealer-7')).toEqual({
    fairnessWeight: 1,
    activation: {
      enabled: true,
      googleAds: true,
      coolingOffHours: 0,
      consentCategories: {},
      refundReasons: ['refund', 'refunded', 'returned', 'money_back'],
    },
  })
  expect(NO_PARTNERS.of('dealer-7')).toEqual(settings('', 'dealer-7'))
  expect(NO_PARTNERS.has('dealer-7')).toBe(false)
})

test.each([
  ['partners: [dealer-7]', 'line 1: partners must be a section of partner ids'],
  ['dealer-7: {}', 'line 1: dealer-7 is no field of the registry'],
  ['- a', 'the file must be sections: defaults and partners'],
  ['partners:\n  d: x', 'line 2: partners.d must be a section of fields'],
  ['partners: {', 'line 1: '],
  ['partners: *nothing', 'aliases'],
  ['partners:\n  __proto__: { default_country: DE }', 'line 2: __proto__ cannot be a key'],
  ['partners:\n  ? [a, b]\n  : {}', 'line 2: a key must be a text'],
  ['? '.repeat(900), 'a key must be a text'],
])('%j is refused', (text, expected) => {
  expect(problems(text).join('\n')).toContain(expected)
})

test('all problems are named at once', () => {
  const text = 'partners:\n  d:\n    default_country: x\n    contact: y\n  e:\n    foo: 1\n'
  expect(problems(text)).toHaveLength(3)
})

test('a registry of many partners takes the time of its size', async () => {
  const many = (count: number) =>
    `partners:\n${Array.from({ length: count }, (_, i) => entry(`dealer-${i}`, 'DE')).join('')}`
  expect(settings(many(1_000), 'dealer-999').country).toBe('DE')
  const small = await leastCpuMs(() => parseRegistry(many(2_000)))
  const large = await leastCpuMs(() => parseRegistry(many(8_000)))
  expect(large).toBeLessThan(10 * small)
})

test('of a file that is no YAML the first problems are named', () => {
  expect(problems(`${']'.repeat(1_000)}\n`).length).toBeLessThanOrEqual(20)
})

test('a named file that is missing is a problem of the configuration', async () => {
  await expect(readRegistry(file)).rejects.toMatchObject({
    name: 'ConfigError',
    exitCode: 2,
    message: expect.stringContaining('PARTNERS_FILE'),
  })
})

test('a file that cannot be used ends a start, with its path and its lines', async () => {
  await writeFile(file, 'partners:\n  d:\n    foo: 1\n')
  await expect(readRegistry(file)).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringMatching(/partners\.yaml cannot be used:\n {2}line 3: partners\.d\.foo/),
  })
})

test('an example of every field can be used, and so can the file of the repository', async () => {
  const example = await readRegistry('partners.example.yaml')
  expect([...example.registry.partners.keys()]).toEqual(['dealer-7'])
  expect((await readRegistry(undefined)).registry.partners.size).toBe(0)
})

const country = (text: string) => `partners:\n  d:\n    default_country: ${text}\n`

/** As an editor saves: no look finds a file that is empty or half written. */
async function save(text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

test('an edit is in effect without a restart; a broken edit and a lost file change nothing, and are told once', async () => {
  await writeFile(file, country('DE'))
  const loaded: RegistryFile[] = []
  const refused: Error[] = []
  const partners = watchRegistry(file, await readRegistry(file), {
    everyMs: 5,
    onLoaded: (read) => loaded.push(read),
    onRefused: (error) => refused.push(error),
  })
  const isCountry = (code: string) => async () => partners.of('d').country === code
  const isTold = (times: number) => async () => refused.length === times
  try {
    expect(partners.of('d').country).toBe('DE')
    await save(country('IT'))
    await waitFor(isCountry('IT'), 'the edit')
    expect([partners.has('d'), partners.has('other')]).toEqual([true, false])
    await save(country('Italy'))
    await waitFor(isTold(1), 'the broken edit to be told')
    expect(partners.of('d').country).toBe('IT')
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(refused).toHaveLength(1)
    expect(refused[0]?.message).toContain('line 3: partners.d.default_country')
    await rm(file)
    await waitFor(isTold(2), 'the lost file to be told')
    expect(partners.of('d').country).toBe('IT')
    await save(country('GB'))
    await waitFor(isCountry('GB'), 'the file that took its place')
    expect(loaded.length).toBeGreaterThanOrEqual(2)
  } finally {
    partners.close()
  }
})

/** The next watch looks at its file where the answer is called, and not by the time. */
function watchedByHand(): () => void {
  const { setInterval: realInterval } = globalThis
  let look = () => {}
  jest.spyOn(globalThis, 'setInterval').mockImplementation((work) => {
    look = work
    return realInterval(() => {}, 60_000)
  })
  return () => look()
}

test('a file that is still being written is not taken', async () => {
  await writeFile(file, country('DE'))
  const loaded: RegistryFile[] = []
  const look = watchedByHand()
  const partners = watchRegistry(file, await readRegistry(file), {
    everyMs: 1,
    onLoaded: (read) => loaded.push(read),
    onRefused() {},
  })
  // A look that begins after a change cannot find what an earlier one found.
  for (let i = 0; i < 20; i++) {
    writeFileSync(`${file}.new`, `${country('IT')}# ${i}\n`)
    renameSync(`${file}.new`, file)
    look()
    await sleep(5)
  }
  expect(loaded).toEqual([])
  await waitFor(() => (look(), loaded.length > 0), 'the file to be taken')
  expect(partners.of('d').country).toBe('IT')
  partners.close()
})
