// The activities of a real worker; those that get a marked message spin, spin in a continuation, or allocate without end.

import { setTimeout as sleep } from 'node:timers/promises'
import { decodeBatch } from '#contracts/batch-payload'
import { connectActivities } from '../../../workers/connect-activities.ts'
import { serveActivities } from '../../../workers/isolation/serve-activities.ts'
import { HARM, type Harm, markOf, READING } from './poison.ts'

const isFixed = process.env['POISON_IS_FIXED'] === 'true'

const HARMS: Readonly<Record<Harm, () => Promise<void>>> = {
  spins: async () => spin(),
  'spins-later': async () => {
    await sleep(5)
    spin()
  },
  allocates: async () => {
    const kept: object[] = []
    for (;;) kept.push({ more: [kept.length] })
  },
}

function spin(): never {
  for (;;);
}

type Activity = (...args: never[]) => Promise<unknown>

/** Whatever else its arguments say of the message, the activity does not finish with a batch that holds one. */
function harmed(name: string, activity: Activity): Activity {
  return async (...args) => {
    const [batch]: readonly unknown[] = args
    if (batch instanceof Uint8Array) {
      const texts = decodeBatch(batch).map(({ data }) => Buffer.from(data).toString())
      for (const harm of HARM)
        if (texts.some((text) => text.includes(markOf(harm, name)))) await HARMS[harm]()
    }
    return activity(...args)
  }
}

/** A message that spins where it is read: in the parser that every reading goes through. */
function harmReading(): void {
  const parse = JSON.parse
  JSON.parse = (text: string, ...rest) => {
    if (text.includes(markOf('spins', READING)) && !text.startsWith('[')) spin()
    return parse(text, ...rest)
  }
}

const served = await connectActivities()
const entries = Object.entries(served.activities)
if (!isFixed) harmReading()
serveActivities({
  ...served,
  activities: isFixed
    ? served.activities
    : Object.fromEntries(entries.map(([name, activity]) => [name, harmed(name, activity)])),
})
