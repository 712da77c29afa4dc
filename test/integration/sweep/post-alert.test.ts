// The webhook gets JSON, and whatever goes wrong with it is a failure that does not name its secret address.

import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { sweepMetrics } from '#runtime/metrics/groups'
import { createPostAlert } from '../../../activities/sweep/post-alert.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { attempt } from '../../support/activities.ts'
import { NOWHERE } from '../../support/ports.ts'
import { startWebhook, type Webhook } from '../../support/webhook.ts'

let webhook: Webhook
beforeEach(async () => {
  webhook = await startWebhook()
})
afterEach(() => webhook.close())

const { meter, take } = createThreadMeter()
const alertsSent = () => take().map(({ name, value }) => [name, value])

const post = (text: string, url: string | undefined = webhook.url) =>
  attempt(createPostAlert(url, sweepMetrics(meter)), [text])

test('it takes the text as it is', async () => {
  await post('größer: "quoted"\n• `dealer-7`')
  expect(alertsSent()).toEqual([['dead_letter_alerts_total', 1]])
  expect(webhook.taken).toEqual(['größer: "quoted"\n• `dealer-7`'])
})

test.each([400, 403, 404, 410, 429, 500, 503])('%i is retried', async (status) => {
  webhook.fail(status)
  await expect(post('text')).rejects.toMatchObject({
    type: 'alert_unavailable',
    nonRetryable: false,
    message: `The alert webhook: answered ${status}`,
  })
  expect(alertsSent()).toEqual([])
})

test('a web page with the status of a success is a proxy or a sign-in, and is retried', async () => {
  webhook.fail(200, 'text/html; charset=utf-8')
  await expect(post('text')).rejects.toMatchObject({
    type: 'alert_unavailable',
    message: 'The alert webhook: answered with a web page, which is not the answer of a webhook',
  })
})

test.each([200, 202, 204])('%i without a page is taken, as webhooks differ', async (status) => {
  webhook.fail(status)
  await expect(post('text')).resolves.toBeUndefined()
})

test('a redirect is not followed, since the text would be lost', async () => {
  webhook.fail(302)
  await expect(post('text')).rejects.toMatchObject({ type: 'alert_unavailable' })
})

test('not even to an address that would take the text, because the text is not for it', async () => {
  const other = await startWebhook()
  webhook.redirectTo(other.url)
  await expect(post('text')).rejects.toMatchObject({ type: 'alert_unavailable' })
  expect(other.requests()).toBe(0)
  await other.close()
})

test('where nobody listens it says so, and not where', async () => {
  await expect(post('text', `http://${NOWHERE}/`)).rejects.toMatchObject({
    type: 'alert_unavailable',
    message: 'The alert webhook: no connection',
  })
})
