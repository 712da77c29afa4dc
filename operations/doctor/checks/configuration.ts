// Checks that the variables of the environment are ones that the bridge and the worker start with.

import { bridgeConfig, readConfig, workerConfig } from '#runtime/config'
import { ConfigError } from '#runtime/errors'
import { error, type Finding, type Report } from '../finding.ts'
import type { Environment, Site } from '../site.ts'

/** A missing write key is reported by the check of Segment. */
export async function checkConfiguration({ environment }: Site): Promise<Report> {
  const findings = [
    ...problemsOf('bridge', () => readConfig(bridgeConfig, environment)),
    ...problemsOf('worker', () => readConfig(workerConfig, withWriteKey(environment))),
  ]
  return { seen: 'the variables of bridge and worker', findings }
}

const withWriteKey = (environment: Environment): Environment => ({
  ...environment,
  SEGMENT_WRITE_KEY: environment['SEGMENT_WRITE_KEY'] || 'not set here',
})

function problemsOf(name: string, read: () => unknown): Finding[] {
  try {
    read()
    return []
  } catch (failure) {
    if (!(failure instanceof ConfigError)) throw failure
    return problemLines(failure).map((line) =>
      error(`the environment of the ${name}`, line, 'Correct the variable: see .env.example.'),
    )
  }
}

/** The first line of the message is a heading, and the last one names .env.example. */
const problemLines = ({ message }: ConfigError) =>
  message
    .split('\n')
    .slice(1, -1)
    .map((line) => line.trim())
