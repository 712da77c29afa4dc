// Reads the input of a run from its history, and decrypts it.

import type { Client } from '@temporalio/client'
import type { Payload } from '@temporalio/common'
import type { RunId } from '#contracts'

/**
 * Makes one request for the first event, however long the history is.
 * @throws PayloadKeyError where PAYLOAD_KEYS lacks the key it was encrypted with
 * @throws WorkflowNotFoundError where Temporal does not have the run, or a gRPC error where it does not answer
 */
export async function readInput(client: Client, run: RunId): Promise<unknown[]> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: run,
    maximumPageSize: 1,
  })
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter
  let payloads: Payload[] = started?.input?.payloads ?? []
  for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads)
  return payloads.map((payload) => payloadConverter.fromPayload(payload))
}
