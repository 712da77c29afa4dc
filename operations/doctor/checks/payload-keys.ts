// Checks that payloads are encrypted, and that these keys decrypt the newest batch in Temporal.

import type { Client } from '@temporalio/client'
import type { Payload } from '@temporalio/common'
import { WORKFLOW } from '#contracts'
import { createPayloadCodec, isEncrypted, PayloadKeyError } from '#runtime/payload-codec'
import { temporalAddress } from '#runtime/temporal'
import { error, type Finding, type Report, warning } from '../finding.ts'
import type { Site } from '../site.ts'

const WHERE = 'PAYLOAD_KEYS'

export async function checkPayloadKeys(site: Site): Promise<Report> {
  const { PAYLOAD_KEYS: keys = [] } = site.config
  const newest = await newestInput(await site.temporal())
  const findings = [
    ...(keys.length === 0 && !isLocal(temporalAddress()) ? [NOT_ENCRYPTED] : []),
    ...(newest ? await judge(newest, keys) : []),
  ]
  const ids = keys.map(({ id }) => id).join(', ')
  const tried = newest ? 'the newest batch was decrypted' : 'there is no batch to decrypt yet'
  return { seen: keys.length === 0 ? 'no keys are set' : `keys ${ids}: ${tried}`, findings }
}

const NOT_ENCRYPTED = warning(
  WHERE,
  'It is not set, so that Temporal stores what partners send, e-mail addresses included, as it is.',
  'npm run -s codec-server -- --new-key makes a key; set it for bridge, worker and commands.',
)

const isLocal = (address: string) => /^(localhost|127\.0\.0\.1|\[::1\]):/.test(address)

async function judge(
  newest: Payload,
  keys: NonNullable<Site['config']['PAYLOAD_KEYS']>,
): Promise<Finding[]> {
  try {
    await createPayloadCodec(keys).decode([newest])
  } catch (failure) {
    if (!(failure instanceof PayloadKeyError)) throw failure
    const fix = 'Give this process, and every worker, the keys that the bridge encrypts with.'
    return [error(WHERE, failure.message, fix)]
  }
  if (keys.length === 0 || isEncrypted(newest)) return []
  const what = 'The newest batch in Temporal is not encrypted: the bridge runs without these keys.'
  return [warning(WHERE, what, 'Set PAYLOAD_KEYS for the bridge as well, and restart it.')]
}

/** The stored input of the newest batch, undecrypted; undefined where Temporal has none. */
async function newestInput({ workflowService, options }: Client): Promise<Payload | undefined> {
  const { namespace } = options
  const query = `WorkflowType = '${WORKFLOW.processBatch}'`
  const { executions } = await workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: 1,
  })
  const execution = executions[0]?.execution
  if (!execution) return undefined
  const { history } = await workflowService.getWorkflowExecutionHistory({
    namespace,
    execution,
    maximumPageSize: 1,
  })
  return history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]
}
