// Edits keep every digit of what they do not touch, are recorded, and apply whole or not at all.

import { expect, test } from '@jest/globals'
import { exportLines } from '#operations/dead-letters/export'
import { readQuery } from '#operations/dead-letters/filters'
import { patchEdit } from '#operations/dead-letters/patch'
import { planRedrive } from '#operations/dead-letters/plan'
import { resolveId, shortId } from '#operations/dead-letters/short-id'
import { nothingFound } from '../../../../cli/dead-letters/filters.ts'
import { readPatch } from '../../../../cli/dead-letters/patch-file.ts'
import { storedEvent } from '../../../support/stored-event.ts'
import { worded } from '../../../support/worded.ts'

const event = (text: string | Buffer, message_id = 'm1') =>
  storedEvent({ data: Buffer.from(text), message_id })

async function patched(patch: string, text: string): Promise<string> {
  const edited = patchEdit(await readPatch(patch))(event(text))
  return edited ? edited.data.toString('utf8') : 'unchanged'
}

const EXACT = '{"amount":12345678901234567890.123456789,"other":1.10,"more":[1e2]}'

test.each([
  [
    '[{"op":"add","path":"/currency","value":"EUR"}]',
    '{"amount":12345678901234567890.123456789,"other":1.10,"more":[1e2],"currency":"EUR"}',
  ],
  [
    '[{"op":"copy","from":"/amount","path":"/other"}]',
    '{"amount":12345678901234567890.123456789,"other":12345678901234567890.123456789,"more":[1e2]}',
  ],
  [
    '[{"op":"move","from":"/more/0","path":"/amount"},{"op":"remove","path":"/more"}]',
    '{"amount":1e2,"other":1.10}',
  ],
  [
    '[{"op":"test","path":"/other","value":1.10},{"op":"replace","path":"/other","value":0.30}]',
    '{"amount":12345678901234567890.123456789,"other":0.30,"more":[1e2]}',
  ],
  [
    '[{"op":"replace","path":"","value":{"amount":9007199254740993}}]',
    '{"amount":9007199254740993}',
  ],
  ['[{"op":"test","path":"/other","value":1.10}]', 'unchanged'],
])('%s', async (patch, expected) => {
  expect(await patched(patch, EXACT)).toBe(expected)
})

test('a patch gives what is no JSON a new whole, and nothing else', async () => {
  expect(await patched('[{"op":"add","path":"","value":{"a":1.0}}]', 'not json')).toBe('{"a":1.0}')
  const patch = '[{"op":"add","path":"/a","value":1}]'
  await expect(worded(() => patched(patch, 'not json'))).rejects.toThrow(
    /does not apply to message m1 of dead-letter\/batch-1.*it is no JSON object.*Nothing was redriven/,
  )
})

test.each([
  [
    '[{"op":"replace","path":"/nothing","value":1}]',
    'operation 1 (replace /nothing) fails, there is no such place in it',
  ],
  [
    '[{"op":"remove","path":"/amount"},{"op":"test","path":"/other","value":2}]',
    'operation 2 (test /other) fails, another value is there',
  ],
  ['[{"op":"add","path":"/amount/deep","value":2}]', 'fails'],
])('%s does not apply, and says why', async (patch, why) => {
  await expect(worded(() => patched(patch, EXACT))).rejects.toThrow(why)
})

test.each([
  ['[]'],
  ['[{"op":"add","path":"amount","value":1}]'],
  ['[{"op":"nothing"}]'],
  ['[1]'],
  ['['],
])('%s is no patch', async (patch) => {
  await expect(worded(() => readPatch(patch))).rejects.toThrow(
    /--patch is (no JSON Patch|not JSON)/,
  )
})

test('a patch cannot reach a prototype', async () => {
  for (const path of ['/__proto__/x', '/constructor/prototype/x'])
    await patched(`[{"op":"add","path":"${path}","value":1}]`, '{}')
  expect(Reflect.get({}, 'x')).toBeUndefined()
})

test('what was changed is on record once for all messages, fit for a JSON column', async () => {
  const edit = patchEdit(
    await readPatch('[{"op":"add","path":"/amount","value":12345678901234567890.5}]'),
  )
  const events = [
    event('{"a":1}', 'm1'),
    event('{"a":2}', 'm2'),
    { ...event('{}', 'm3'), stage: 'activation' as const },
  ]
  const { patch, staged, messages } = planRedrive(
    { id: 'd', attempts: 0, events },
    (one) => (one.message_id === 'm3' ? null : edit(one)),
    new Date(),
  )
  expect(patch).toBe(
    '[{"messages":["m1","m2"],"patch":[{"op":"add","path":"/amount","value":"12345678901234567890.5"}]}]',
  )
  expect(staged).toEqual([2])
  expect(messages.map(({ data }) => Buffer.from(data).toString())).toEqual([
    '{"a":1,"amount":12345678901234567890.5}',
    '{"a":2,"amount":12345678901234567890.5}',
    '{}',
  ])
})

test("a query is filters, or else Temporal's", async () => {
  expect(readQuery('partner="north west" reason=not_json since=2026-11-20')).toEqual({
    kind: 'filters',
    filters: { partner: 'north west', reason: 'not_json', since: new Date('2026-11-20') },
  })
  expect(readQuery("PartnerId='dealer-7' AND Reason='not_json'").kind).toBe('temporal')
  await expect(worded(() => readQuery('since=soon'))).rejects.toThrow(
    '--query: since=soon cannot be used.',
  )
})

test.each([
  'PartnerId="dealer-7"',
  'Reason="not_json"',
  'EventCount = 5',
  "partner = 'a' OR x = 1",
])('a query is left to Temporal: %s', (text) => {
  expect(readQuery(text)).toEqual({ kind: 'temporal', query: text })
})

test.each([
  ['parner=dealer-7', 'There is no filter parner: partner, stage, reason, type, since, until.'],
  ['partner=dealer-7 Reason=not_json', 'There is no filter Reason: partner,'],
  ['partner = dealer-7', 'with a value and no spaces. There are partner,'],
  ['partner=', 'with a value and no spaces.'],
  ['dealer-7', 'is no list of filters'],
  ['', 'is no list of filters'],
])('a query that was meant as filters is refused: %s', async (text, why) => {
  await expect(worded(() => readQuery(text))).rejects.toThrow(why)
})

test('where nothing is found, the filters are repeated', () => {
  const since = new Date('2026-11-20')
  expect(nothingFound({})).toBe('No dead letter is open.')
  expect(nothingFound({ partner: 'dealer-77', since })).toBe(
    'No dead letter of partner dealer-77, since 2026-11-20T00:00:00.000Z is open.',
  )
  expect(nothingFound({ reason: 'not_json' }, 'all')).toBe(
    'There is no dead letter of reason not_json.',
  )
  expect(nothingFound({}, 'all')).toBe('There are no dead letters.')
})

test('an id may be short, whole, or the beginning of either where that is one', async () => {
  const ids = ['dead-letter/batch-1/a/validation', 'dead-letter/batch-2/a/validation']
  const [first = '', second = ''] = ids
  expect(resolveId(shortId(first), ids)).toBe(first)
  expect(resolveId(shortId(second).slice(0, 4), ids)).toBe(second)
  expect(resolveId(shortId(first).toUpperCase(), ids)).toBe(first)
  expect(resolveId('batch-2', ids)).toBe(second)
  const resolved = (text: string) => worded(() => resolveId(text, ids))
  await expect(resolved('dead-letter/batch')).rejects.toThrow('begins 2 ids')
  await expect(resolved('batch-3')).rejects.toThrow('There is no dead letter batch-3')
  const tooShort = shortId(first).slice(0, 3)
  await expect(resolved(tooShort)).rejects.toThrow('at least four digits of the id')
})

test('an export is a line for each event, as its partner wrote it', () => {
  const lines = exportLines('dead-letter/batch-1', [event(EXACT, 'm1'), event('not json', 'm2')])
  expect(lines.split('\n')).toEqual([
    expect.stringContaining(`"message_id":"m1"`),
    expect.stringContaining('"text":"not json"'),
  ])
  expect(lines).toContain(`"event":${EXACT}`)
})
