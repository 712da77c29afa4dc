// What differs between the tracking plan in Segment and that of this version.

import { expect, test } from '@jest/globals'
import { type PlanRule, TRACKING_PLAN } from '#activation/calls/tracking-plan'
import { compareRules } from '#operations/tracking-plan/compare'

const rule = (more: Partial<PlanRule> = {}): PlanRule => ({
  type: 'TRACK',
  key: 'Order Completed',
  version: 1,
  jsonSchema: { type: 'object', required: ['a', 'b'], properties: { a: { type: 'string' } } },
  ...more,
})

test('a plan does not differ from itself, whatever the order of its members', () => {
  const jsonSchema = {
    properties: { a: { type: 'string' } },
    required: ['b', 'a'],
    type: 'object',
  }
  expect(compareRules([rule()], [rule({ jsonSchema })])).toEqual([])
  expect(compareRules(TRACKING_PLAN, TRACKING_PLAN.toReversed())).toEqual([])
})

test('a rule that Segment does not have is missing, and one that only Segment has is unknown', () => {
  const other = rule({ key: 'Page Viewed' })
  expect(compareRules([rule()], [other])).toEqual([
    { key: 'Order Completed', type: 'TRACK', version: 1, kind: 'missing', paths: [] },
    { key: 'Page Viewed', type: 'TRACK', version: 1, kind: 'unknown', paths: [] },
  ])
})

test('another version and another type of one key are other rules', () => {
  const kinds = (theirs: PlanRule) => compareRules([rule()], [theirs]).map(({ kind }) => kind)
  expect(kinds(rule({ version: 2 }))).toEqual(['missing', 'unknown'])
  expect(kinds(rule({ type: 'IDENTIFY' }))).toEqual(['missing', 'unknown'])
})

test.each<[string, unknown, string[]]>([
  [
    'another type',
    { type: 'object', required: ['a', 'b'], properties: { a: { type: 'number' } } },
    ['/properties/a/type'],
  ],
  ['a field more', { type: 'object', required: ['a', 'b'], properties: {} }, ['/properties/a']],
  ['no schema', undefined, ['']],
])('a rule with %s is changed, and it is said where', (_what, jsonSchema, paths) => {
  expect(compareRules([rule()], [rule({ jsonSchema })])).toEqual([
    { key: 'Order Completed', type: 'TRACK', version: 1, kind: 'changed', paths },
  ])
})
