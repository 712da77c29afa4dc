// Where JSON breaks, and which of its keys are not acceptable.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { diagnoseJson } from '#contracts/event/diagnose-json'

const diagnose = (text: string) => diagnoseJson(text, Number)

const parseOr = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const RUNS = { numRuns: 3_000 }

test('what the engine parses has the same value, and no place where it breaks', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom('', ' ', '\n\t'), (json, space) => {
      const { value, breaksAt } = diagnose(space + json + space)
      expect(breaksAt).toBeNull()
      expect(value).toEqual(JSON.parse(json))
    }),
    RUNS,
  )
})

test('what the engine refuses breaks, and what stands before that place is the beginning of some JSON', () => {
  const piece = fc.stringMatching(/^[{}[\],:"\\ 01eE.+\-trufalsn]{0,3}$/)
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.nat(60), piece, fc.nat(3), (json, at, insert, cut) => {
      const text = json.slice(0, at) + insert + json.slice(at + cut)
      const { value, breaksAt } = diagnose(text)
      expect(breaksAt === null).toBe(parseOr(text) !== undefined)
      expect(value).toEqual(parseOr(text))
      // What comes before the place cannot break earlier when it stands alone.
      const place = breaksAt ?? text.length
      expect(diagnose(text.slice(0, place)).breaksAt ?? place).toBe(place)
    }),
    RUNS,
  )
})

test.each([
  ['{"a":1,}', 7],
  ['{"a":1 "b":2}', 7],
  ['{"a" 1}', 5],
  ["{'a':1}", 1],
  ['{"a":01}', 6],
  ['{"a":.5}', 5],
  ['{"a":NaN}', 5],
  ['{"a":True}', 5],
  ['{"a":"x\ny"}', 7],
  ['{"a":"x\\q"}', 7],
  ['{"a":"x\\u12g4"}', 7],
  ['{"a":"x', 7],
  ['{"a":1', 6],
  ['{"a":1}}', 7],
  ['{"a":[1,]}', 8],
  ['{"a":[1}', 7],
  ['{a:1}', 1],
  ['', 0],
  ['\u00a0{}', 0],
  ['{"a":1};', 7],
])('%j breaks at %d', (text, place) => {
  expect(diagnose(text).breaksAt).toBe(place)
})

describe('keys and texts that are not acceptable', () => {
  test.each([
    ['{"a":1,"a":1}', [['duplicate_key', 'a', 7]]],
    ['{"v":{"x":1,"x":2}}', [['duplicate_key', 'v.x', 12]]],
    ['{"l":[{},{"x":1,"x":2}]}', [['duplicate_key', 'l.1.x', 16]]],
    ['{"a":1,"\\u0061":2}', [['duplicate_key', 'a', 7]]],
    ['{"__proto__":1}', [['forbidden_key', '__proto__', 1]]],
    ['{"l":[0,{"constructor":1}]}', [['forbidden_key', 'l.1.constructor', 9]]],
    ['{"a":"\\ud83d"}', [['not_unicode', 'a', 5]]],
    ['{"a":["x","\\ude00"]}', [['not_unicode', 'a.1', 10]]],
    ['{"\\udc00":1}', [['not_unicode', '\udc00', 1]]],
    ['{"a":"\\ud83d\\ude97"}', []],
    [
      '{"x":"\\ud800","prototype":1,"x":2}',
      [
        ['duplicate_key', 'x', 28],
        ['forbidden_key', 'prototype', 14],
        ['not_unicode', 'x', 5],
      ],
    ],
  ])('%s', (text, faults) => {
    expect(diagnose(text).faults.map(({ reason, path, at }) => [reason, path, at])).toEqual(faults)
  })

  test('the first level too many is told, and however deep the text is it is read to its end', () => {
    const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
    expect(diagnose(deep(31)).faults).toEqual([])
    expect(diagnose(deep(300_000))).toMatchObject({
      breaksAt: null,
      faults: [{ reason: 'nested_too_deep', at: 36 }],
    })
  })

  test('of many repeated keys ten are told, and the others of other rules as well', () => {
    const { faults } = diagnose(`{${'"a":1,'.repeat(500)}"__proto__":1}`)
    expect(faults.map(({ reason }) => reason)).toEqual([
      ...Array.from({ length: 10 }, () => 'duplicate_key'),
      'forbidden_key',
    ])
  })

  test('a prototype key is kept as a key of the object, and changes nothing else', () => {
    const { value } = diagnose('{"__proto__":{"polluted":1}}')
    expect(Object.keys(Object(value))).toEqual(['__proto__'])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})
