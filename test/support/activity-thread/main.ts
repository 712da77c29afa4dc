// An activity thread whose activities do all that can go wrong in one.

import { setTimeout as sleep } from 'node:timers/promises'
import { activityInfo, Context, heartbeat, log } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import { createLogger } from '#runtime/log'
import { activityMetrics } from '#runtime/metrics/groups'
import { markMessage, serveActivities } from '../../../workers/isolation/serve-activities.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'

const { meter, take } = createThreadMeter()
const metrics = activityMetrics(meter)

function spin(): never {
  for (;;);
}

serveActivities({
  metrics: { take },
  log: createLogger('test', 'silent'),
  close: async () => {},
  activities: {
    add: async (a: number, b: number) => a + b,
    sizeOf: async (bytes: Uint8Array) => bytes.length,
    info: async () => activityInfo(),
    beat: async (details: unknown) => {
      heartbeat(details)
      log.info('it beats')
    },
    count: async (value: number) => metrics.eventsDecided.add(value, { decision: 'accepted' }),
    refuse: async () => {
      throw ApplicationFailure.create({
        type: 'warehouse_throttled',
        message: 'come back later',
        nextRetryDelay: 7_000,
        details: [7],
        nonRetryable: true,
        cause: new TypeError('because'),
      })
    },
    wait: async (ms: number) => {
      await sleep(ms)
      return 'waited'
    },
    untilCancelled: async () => Context.current().cancelled,
    spin: async () => spin(),
    spinReading: async (index: number) => {
      markMessage.begin(index)
      spin()
    },
    spinLater: async () => {
      await sleep(20)
      spin()
    },
    allocate: async () => {
      const kept: object[] = []
      for (;;) kept.push({ more: [kept.length] })
    },
    exit: async () => process.exit(3),
    crash: async () => {
      setTimeout(() => {
        throw new RangeError('not caught')
      })
      await sleep(60_000)
    },
  },
})
