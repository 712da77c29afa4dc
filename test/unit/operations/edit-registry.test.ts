// The switches of a partner in the text of the registry: nothing else changes, and comments stay.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { editRegistry, type SwitchChange } from '#operations/activation/edit-registry'
import { parseRegistry } from '#runtime/partners/parse'
import { settingsOf } from '#runtime/partners/settings'

const off = (partner: string, field: SwitchChange['switch'] = 'enabled'): SwitchChange => ({
  partner,
  switch: field,
  isOn: false,
})
const on = (partner: string): SwitchChange => ({ ...off(partner), isOn: true })

function edited(text: string, change: SwitchChange): string {
  const result = editRegistry(text, change)
  if (!result.ok) throw new Error(result.problems.join('; '))
  return result.text
}

const activationOf = (text: string, partner: string) => {
  const parsed = parseRegistry(text)
  if (!parsed.ok) throw new Error(parsed.problems.join('; '))
  return settingsOf(parsed.registry, partner).activation
}

const FILE = `# Who sends what.
defaults:
  default_currency: EUR # of all

partners:
  # The oldest one.
  dealer-9:
    name: Nine
  dealer-7:
    # renamed in May
    name: "Seven" # by phone
    activation:
      # since the campaign
      google_ads: false
      cooling_off_hours: 24
  dealer-8:
`

test('a switch of a partner is set in its section, and every comment and the order stay', () => {
  expect(edited(FILE, off('dealer-7'))).toBe(
    FILE.replace('cooling_off_hours: 24\n', 'cooling_off_hours: 24\n      enabled: false\n'),
  )
  expect(edited(FILE, { ...on('dealer-7'), switch: 'google_ads' })).toBe(
    FILE.replace('google_ads: false', 'google_ads: true'),
  )
})

test('a partner without the section, one without fields, and one that is not named get it', () => {
  expect(edited(FILE, off('dealer-9'))).toBe(
    FILE.replace('name: Nine\n', 'name: Nine\n    activation:\n      enabled: false\n'),
  )
  expect(edited(FILE, off('dealer-8'))).toBe(
    FILE.replace('  dealer-8:\n', '  dealer-8:\n    activation:\n      enabled: false\n'),
  )
  expect(edited(FILE, off('new'))).toBe(`${FILE}  new:\n    activation:\n      enabled: false\n`)
})

test.each([
  '',
  '# nothing yet\n',
  'partners:\n',
  'partners: {}\n',
  'defaults: {}\n',
  '---\n',
  'null\n',
])('a registry without partners, %j, gets the first', (text) => {
  const after = edited(text, off('dealer-7', 'google_ads'))
  expect(activationOf(after, 'dealer-7')).toMatchObject({ enabled: true, googleAds: false })
  expect(after.includes('# nothing yet')).toBe(text.includes('#'))
})

test('a comment behind the name of a section stays, on a line of its own', () => {
  const text = 'partners: # all\n  a: # the first\n    name: A\n'
  const after = edited(text, off('a'))
  expect(after.match(/# .*/g)).toEqual(['# all', '# the first'])
})

test('what is so already, be it by the defaults, changes nothing', () => {
  expect(editRegistry(FILE, on('dealer-9'))).toEqual({ ok: true, text: FILE, isChanged: false })
  const off7 = edited(FILE, off('dealer-7'))
  expect(editRegistry(off7, off('dealer-7'))).toEqual({ ok: true, text: off7, isChanged: false })
  const none = 'defaults: { activation: { enabled: false } }\n'
  expect(editRegistry(none, off('any'))).toEqual({ ok: true, text: none, isChanged: false })
  expect(activationOf(edited(none, on('any')), 'any').enabled).toBe(true)
  expect(activationOf(edited(none, on('any')), 'other').enabled).toBe(false)
})

test.each([
  '007',
  '1e3',
  '0x10',
  'true',
  'null',
  '~',
  '2026-11-28',
  'a: b',
  '# c',
  '"q"',
  '-',
  'é',
])(
  'the partner %s is a text, and so is every other key that YAML takes for something else',
  (partner) => {
    const text = 'partners:\n  008:\n    name: Eight\n  1.50:\n    fairness_weight: 1.50\n'
    const after = edited(text, off(partner))
    expect(activationOf(after, partner).enabled).toBe(false)
    for (const id of ['008', '1.50']) expect(activationOf(after, id).enabled).toBe(id !== partner)
    expect(activationOf(edited(after, on(partner)), partner).enabled).toBe(true)
  },
)

test('lines that end as on Windows do so afterwards', () => {
  const after = edited(FILE.replaceAll('\n', '\r\n'), off('dealer-9'))
  expect(after).toBe(edited(FILE, off('dealer-9')).replaceAll('\n', '\r\n'))
})

test('a long line is not folded', () => {
  const text = `partners:\n  a:\n    name: ${'long words '.repeat(20)}end\n`
  expect(edited(text, off('b')).split('\n')[2]).toBe(text.split('\n')[2])
})

describe('a file is left as it is', () => {
  test.each([
    ['partners:\n  a: &x\n    name: A\n    activation: &y {}\n  b: *x\n', 'b'],
    ['partners:\n  a:\n    activation: &y { google_ads: false }\n  b:\n    activation: *y\n', 'a'],
    ['partners:\n  a:\n    activation: &y { google_ads: false }\n  b:\n    activation: *y\n', 'b'],
  ])('where a section is shared by an alias: %j', (text, partner) => {
    expect(editRegistry(text, off(partner))).toEqual({
      ok: false,
      problems: [expect.stringContaining('write its fields out')],
    })
  })

  test.each([
    'partners: [',
    'partners: 1\n',
    'partners:\n  a: { nonsense: 1 }\n',
    'a'.repeat(5_000),
  ])('where it cannot be used: %j', (text) => {
    expect(editRegistry(text, off('a')).ok).toBe(false)
  })
})

test('a partner id that no event can have is refused, with the reason', () => {
  expect(editRegistry('', off('x'.repeat(257)))).toEqual({
    ok: false,
    problems: [expect.stringContaining('must be a section of partner ids')],
  })
})

test('of any two partners, a switch changes one alone, and back again', () => {
  const id = fc
    .string({ minLength: 1, maxLength: 20 })
    .filter((text) => text.trim() !== '' && text.trim() !== '__proto__')
  fc.assert(
    fc.property(id, id, fc.boolean(), (one, other, isGoogle) => {
      fc.pre(one.trim() !== other.trim())
      const field = isGoogle ? 'google_ads' : 'enabled'
      const both = edited(edited('', off(one, field)), off(other, field))
      const back = edited(both, { ...off(one, field), isOn: true })
      const key = isGoogle ? 'googleAds' : 'enabled'
      expect(activationOf(both, one.trim())[key]).toBe(false)
      expect(activationOf(back, one.trim())[key]).toBe(true)
      expect(activationOf(back, other.trim())[key]).toBe(false)
    }),
    { numRuns: 200 },
  )
})
