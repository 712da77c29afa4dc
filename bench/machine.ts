// What a figure was measured on.

import { readFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import type { Client } from '@temporalio/client'
import { z } from 'zod'

export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly os: string
  readonly versions: Readonly<Record<string, string>>
}

const manifest = z.object({ dependencies: z.record(z.string(), z.string()) })

export async function describeMachine(temporal: Client): Promise<Machine> {
  const { serverVersion } = await temporal.workflowService.getSystemInfo({})
  const { dependencies } = manifest.parse(
    JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')),
  )
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${process.arch}`,
    versions: {
      node: process.versions.node,
      'Temporal server': serverVersion ?? 'unknown',
      'Temporal SDK': dependencies['@temporalio/worker'] ?? '',
      'Apache Beam': await beamVersion(),
    },
  }
}

async function beamVersion(): Promise<string> {
  const requirements = new URL('peers/beam/requirements.txt', import.meta.url)
  const text = await readFile(requirements, 'utf8')
  return /apache-beam[^=\n]*==(\S+)/.exec(text)?.[1] ?? 'unknown'
}
