import { expect, test } from '@jest/globals'
import { flameGraphOf, sharesOf } from '../../../bench/flame-graph.ts'
import type { CpuProfile } from '../../../bench/profile.ts'

const node = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
})

/** Ten milliseconds: five in a function of ours, three in zod called by it, two of garbage collection; and idle time, which is none. */
const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 5, 6]),
    node(2, 'readEach', 'file:///app/activities/read-batch.ts', [3, 4]),
    node(3, 'parse', '/app/node_modules/zod/v4/core/parse.js'),
    node(4, 'parse', '/app/node_modules/zod/v4/core/parse.js'),
    node(5, '(garbage collector)', ''),
    node(6, '(idle)', ''),
  ],
  samples: [2, 3, 4, 5, 6],
  timeDeltas: [5_000, 1_000, 2_000, 2_000, 90_000],
}

test('time counts where it was spent, and waiting counts nowhere', () => {
  expect(sharesOf(profile)).toEqual([
    { where: 'activities/read-batch.ts', share: 0.5 },
    { where: 'zod', share: 0.3 },
    { where: '(garbage collector)', share: 0.2 },
  ])
})

test('a box holds what its call took with all it called, the same call once', () => {
  const svg = flameGraphOf(profile, 'a <worker>')
  const titles = [...svg.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title)
  expect(titles).toEqual([
    '(root) 100.0 %',
    '(garbage collector) 20.0 %',
    'readEach activities/read-batch.ts 80.0 %',
    'parse zod 30.0 %',
  ])
  expect(svg).toContain('a &lt;worker&gt;')
})
