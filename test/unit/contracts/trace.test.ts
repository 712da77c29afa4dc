// The trace of a batch follows from the ids of workflows, and that of a publisher from an attribute of its message.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { deadLetterId, laterId } from '#contracts'
import { publisherSpan, rootSpanIdOf, spanIdOf, traceIdOf } from '#contracts/trace'
import { batchId } from '../../../bridge/start-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'

const id = batchId([message(purchase)])
const trace = id.replace('batch-', '')

test('a batch, its parts, its dead letters and the events of it that wait are one trace', () => {
  const letter = {
    partnerId: 'dealer-7',
    stage: 'validation',
    digest: '12345678',
    part: 0,
  } as const
  for (const workflowId of [
    id,
    `${id}/1`,
    laterId(id, trace),
    deadLetterId({ ...letter, batchId: id }),
  ])
    expect(traceIdOf(workflowId)).toBe(trace)
  expect(trace).toMatch(/^[0-9a-f]{32}$/)
})

test.each([
  'dead-letter-sweep',
  'governor/events-activation',
  'erase/12',
  'batch-',
  `batch-${trace}0`,
])('%s has no trace', (workflowId) => {
  expect(traceIdOf(workflowId)).toBeNull()
})

test('span ids have the form of OpenTelemetry, and differ', () => {
  expect(rootSpanIdOf(trace)).toMatch(/^[0-9a-f]{16}$/)
  expect(rootSpanIdOf(trace)).not.toBe(spanIdOf(['run', '1', '1', 'false']))
})

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const SPAN = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const of = (attributes: Record<string, string>) => publisherSpan({ attributes })

test('the attribute of W3C or that of the client libraries of Google names the span of the publisher', () => {
  expect(of({ traceparent: PARENT })).toEqual(SPAN)
  expect(of({ googclient_traceparent: PARENT })).toEqual(SPAN)
  expect(of({ traceparent: 'nonsense', googclient_traceparent: PARENT })).toEqual(SPAN)
  expect(of({ traceparent: `cc${PARENT.slice(2)}-what-will-come` })).toEqual(SPAN)
})

test.each([
  '',
  PARENT.toUpperCase(),
  PARENT.slice(0, -1),
  `${PARENT}0`,
  PARENT.replace(SPAN.traceId, '0'.repeat(32)),
  PARENT.replace(SPAN.spanId, '0'.repeat(16)),
])('%j names none', (traceparent) => {
  expect(of({ traceparent })).toBeNull()
})

test('whatever a publisher sends, what is taken of it are hexadecimal digits', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      for (const traceparent of [text, PARENT + text, text + PARENT]) {
        const found = of({ traceparent })
        expect(`${found?.traceId ?? ''}${found?.spanId ?? ''}`).toMatch(/^([0-9a-f]{48})?$/)
      }
    }),
  )
})
