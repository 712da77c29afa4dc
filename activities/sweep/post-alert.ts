// Posts an alert to the webhook, in the JSON that Slack and similar services take.

import type { SweepMetrics } from '#runtime/metrics/groups'
import { failure } from '#runtime/service-error'

/** Slack answers within a second. Where a webhook hangs, the next attempt posts again. */
const TIMEOUT_MS = 10_000

/**
 * Any status of success counts, because webhooks answer differently (Slack `ok`, Teams `1` or 202, Discord 204), except a web
 * page, which is the answer of a proxy or a sign-in. The URL of a webhook is a secret: no failure message has it.
 * @throws ApplicationFailure `alert_unavailable` where the webhook does not take it
 */
export function createPostAlert(webhookUrl: string | undefined, metrics: SweepMetrics) {
  return async function postAlert(text: string): Promise<void> {
    if (!webhookUrl) throw unavailable('ALERT_WEBHOOK_URL is not set any more')
    const response = await post(webhookUrl, { text }).catch((error: unknown) => {
      const isLate = error instanceof Error && error.name === 'TimeoutError'
      throw unavailable(isLate ? `no answer within ${TIMEOUT_MS / 1000} s` : 'no connection')
    })
    // The answer is not used, but its body must be read: otherwise it would hold its connection.
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
