// Judges the settings of a topic.

import type { protos } from '@google-cloud/pubsub'
import { DAY_SECONDS, type TopicSetup } from '../setup/pubsub.ts'
import { type Finding, warning } from './finding.ts'

type Topic = protos.google.pubsub.v1.ITopic

/** Pure. */
export function judgeTopic({ topic: name, keepsDays = 0 }: TopicSetup, topic: Topic): Finding[] {
  const where = `topic ${name}`
  const findings: Finding[] = []
  const days = Number(topic.messageRetentionDuration?.seconds ?? 0) / DAY_SECONDS
  if (days < keepsDays)
    findings.push(
      warning(
        where,
        `It keeps messages for ${days} days, and for a person to find them it should be ${keepsDays}.`,
        `gcloud pubsub topics update ${name} --message-retention-duration=${keepsDays}d`,
      ),
    )
  if (topic.messageTransforms?.length)
    findings.push(
      warning(
        where,
        'It changes messages before the pipeline sees them, so that the audit log does not have what partners sent.',
        `gcloud pubsub topics update ${name} --clear-message-transforms`,
      ),
    )
  return findings
}
