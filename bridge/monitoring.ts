// Reads the backlog of subscriptions from Cloud Monitoring, or from the fake that MONITORING_EMULATOR_HOST names.

import { GoogleAuth } from 'google-auth-library'
import { z } from 'zod'
import { wallClockMs } from '#runtime/clock'

/** The last part of the names of Cloud Monitoring's metrics `pubsub.googleapis.com/subscription/…`. */
export type BacklogMetric = 'num_undelivered_messages' | 'oldest_unacked_message_age'

/** The newest value by subscription; a subscription without a value of the last minutes is missing. */
export type ReadBacklog = (metric: BacklogMetric) => Promise<ReadonlyMap<string, number>>

export type MonitoringAddress = {
  readonly GOOGLE_CLOUD_PROJECT: string
  /** host:port without a scheme. */
  readonly MONITORING_EMULATOR_HOST?: string | undefined
}

const SCOPE = 'https://www.googleapis.com/auth/monitoring.read'

const TIMEOUT_MS = 10_000

/** Pub/Sub writes a value each minute, and Cloud Monitoring shows it up to four minutes later. */
const SPAN_MS = 10 * 60_000

const seriesList = z.object({
  timeSeries: z
    .array(
      z.object({
        resource: z.object({ labels: z.object({ subscription_id: z.string() }) }),
        points: z.array(z.object({ value: z.object({ int64Value: z.coerce.number() }) })),
      }),
    )
    .default([]),
})

/**
 * @param subscriptions by name
 * @throws the error of the request where Cloud Monitoring does not answer or refuses; ZodError where the answer has another form
 */
export function createReadBacklog(
  address: MonitoringAddress,
  subscriptions: readonly string[],
): ReadBacklog {
  const get = address.MONITORING_EMULATOR_HOST === undefined ? createGoogleGet() : getLocal
  const host = address.MONITORING_EMULATOR_HOST
  const base = host === undefined ? 'https://monitoring.googleapis.com' : `http://${host}`
  const path = `/v3/projects/${address.GOOGLE_CLOUD_PROJECT}/timeSeries`
  const named = subscriptions.map((name) => JSON.stringify(name)).join(', ')
  return async (metric) => {
    const now = wallClockMs()
    const query = new URLSearchParams({
      filter: `metric.type = "pubsub.googleapis.com/subscription/${metric}" AND resource.labels.subscription_id = one_of(${named})`,
      'interval.startTime': new Date(now - SPAN_MS).toISOString(),
      'interval.endTime': new Date(now).toISOString(),
    })
    const { timeSeries } = seriesList.parse(await get(`${base}${path}?${query.toString()}`))
    return new Map(
      timeSeries.flatMap(({ resource, points: [newest] }): [string, number][] =>
        newest ? [[resource.labels.subscription_id, newest.value.int64Value]] : [],
      ),
    )
  }
}

type Get = (url: string) => Promise<unknown>

function createGoogleGet(): Get {
  const auth = new GoogleAuth({ scopes: [SCOPE] })
  return async (url) => (await auth.request<unknown>({ url, timeout: TIMEOUT_MS })).data
}

const getLocal: Get = async (url) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`Cloud Monitoring answered ${response.status}`)
  return response.json()
}
