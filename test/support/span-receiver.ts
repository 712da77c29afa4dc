// A collector of OpenTelemetry that keeps every span it is sent by OTLP over HTTP, as JSON.

import { z } from 'zod'
import { startAnsweringServer } from './answering-server.ts'

const span = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  status: z.object({ code: z.number().optional() }).default({}),
})

const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({
        attributes: z.array(z.object({ key: z.string(), value: z.unknown() })),
      }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
})

export type ReceivedSpan = z.output<typeof span>

export async function startSpanReceiver() {
  const server = await startAnsweringServer()
  const spans: ReceivedSpan[] = []
  const bodies: string[] = []
  server.answer((response, { url, body }) => {
    if (url === '/v1/traces') {
      bodies.push(body)
      for (const { scopeSpans } of exported.parse(JSON.parse(body)).resourceSpans)
        spans.push(...scopeSpans.flatMap((scope) => scope.spans))
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  return { url: server.url, spans, text: () => bodies.join('\n'), close: server.close }
}
