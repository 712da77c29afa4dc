// Making text visible takes time in proportion to its length. It is measured with nothing else under way.

import { expect, test } from '@jest/globals'
import { visible } from '#contracts/visible'
import { cpuMs } from '../support/cpu-cost.ts'

test('twice the text takes no more than twice the time, with room for noise', async () => {
  for (const unit of ['\u001b', '\u0301', ' ', 'x\u202e']) {
    const small = await leastOf(200_000, unit)
    const large = await leastOf(400_000, unit)
    expect(large).toBeLessThan(small * 2.5 + 20)
  }
})

/** Milliseconds of CPU, the best of seven: garbage collection of what ran before is no cost of the work. */
async function leastOf(length: number, unit: string): Promise<number> {
  const runs: number[] = []
  for (let run = 0; run < 7; run++) runs.push(await cpuMs(() => visible(unit.repeat(length))))
  return Math.min(...runs)
}
