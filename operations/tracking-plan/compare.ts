// Compares the rules of a tracking plan in Segment with those of this version. Pure.

import { createPatch } from 'rfc6902'
import type { PlanRule } from '#activation/calls/tracking-plan'

export type Difference = {
  /** The name of the call. */
  readonly key: string
  readonly type: string
  readonly version: number
  /** `missing` in Segment, `unknown` to this version, or there with another schema. */
  readonly kind: 'missing' | 'unknown' | 'changed'
  /** JSON pointers to where the schemas differ; empty where the rule is missing or unknown. */
  readonly paths: readonly string[]
}

/** In the order of this version's rules, and then of Segment's. */
export function compareRules(ours: readonly PlanRule[], theirs: readonly PlanRule[]): Difference[] {
  const known = new Map(theirs.map((rule) => [nameOf(rule), rule]))
  const own = new Set(ours.map(nameOf))
  return [
    ...ours.flatMap((rule) => compareRule(rule, known.get(nameOf(rule)))),
    ...theirs.filter((rule) => !own.has(nameOf(rule))).map((rule) => difference(rule, 'unknown')),
  ]
}

/** A plan may have several versions of a rule. */
const nameOf = ({ type, key, version }: PlanRule) => JSON.stringify([type, key, version])

function compareRule(ours: PlanRule, theirs: PlanRule | undefined): Difference[] {
  if (theirs === undefined) return [difference(ours, 'missing')]
  const patch = createPatch(plain(theirs.jsonSchema), plain(ours.jsonSchema))
  return patch.length === 0
    ? []
    : [
        difference(
          ours,
          'changed',
          patch.map(({ path }) => path),
        ),
      ]
}

/** As JSON has it, without members that are undefined. The order of required fields does not count. */
const plain = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema ?? null), (name, value: unknown) =>
    name === 'required' && Array.isArray(value) ? value.map(String).toSorted(byText) : value,
  )

const byText = (one: string, other: string) => (one < other ? -1 : 1)

const difference = (
  { type, key, version }: PlanRule,
  kind: Difference['kind'],
  paths: readonly string[] = [],
): Difference => ({ key, type, version, kind, paths: [...new Set(paths)] })
