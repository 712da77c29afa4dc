// Tells people: posts one message to the webhook, in the JSON that Slack and its like take.

import type { SweepMetrics } from '#runtime/metrics'
import { failure } from '#runtime/service-error'

/** Slack answers within a second; a webhook that hangs is asked again by the next attempt. */
const TIMEOUT_MS = 10_000

/**
 * Any status of success counts, since webhooks agree on nothing else (Slack says `ok`, Teams `1` or 202, Discord 204),
 * but for a web page: that is a proxy or a sign-in. The address of a webhook is a secret: no failure names it.
 * @throws ApplicationFailure `alert_unavailable` where the webhook does not take it
 */
export function createPostAlert(webhookUrl: string | undefined, metrics: SweepMetrics) {
  return async function postAlert(text: string): Promise<void> {
    if (!webhookUrl) throw unavailable('ALERT_WEBHOOK_URL is not set any more')
    const response = await post(webhookUrl, { text }).catch((error: unknown) => {
      const isLate = error instanceof Error && error.name === 'TimeoutError'
      throw unavailable(isLate ? `no answer within ${TIMEOUT_MS / 1000} s` : 'no connection')
    })
    // What it says is of no use here; an unread answer would hold its connection.
    await response.body?.cancel()
    if (!response.ok) throw unavailable(`answered ${response.status}`)
    if (response.headers.get('content-type')?.startsWith('text/html'))
      throw unavailable('answered with a web page, which is not the answer of a webhook')
    metrics.alertsSent.add(1)
  }
}

function post(url: string, message: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(message),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
}

const unavailable = (why: string) => failure('alert_unavailable', `The alert webhook: ${why}`)
