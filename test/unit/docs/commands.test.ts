// The commands that the documents for operators give: what they name exists in this repository.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { activationQueue } from '#contracts'
import { readConfig, workerConfig } from '#runtime/config'

const DOCUMENTS = [
  'README.md',
  'dbt/README.md',
  'deploy/segment/README.md',
  'deploy/terraform/README.md',
  ...filesOf('docs').filter((name) => /^docs\/[\w-]+\.md$/.test(name)),
]

const packageJson = z.object({ scripts: z.record(z.string(), z.string()) })
const { scripts } = packageJson.parse(JSON.parse(readFileSync('package.json', 'utf8')))

const sources = filesOf('cli', 'deploy', 'bench').filter((name) => name.endsWith('.ts'))
const options = new Set([
  '--help',
  ...sources.flatMap((name) => readFileSync(name, 'utf8').match(/--[a-z][\w-]*/g) ?? []),
])

const { TEMPORAL_TASK_QUEUE: queue } = readConfig(workerConfig, {
  GOOGLE_CLOUD_PROJECT: 'p',
  SEGMENT_WRITE_KEY: 'k',
})

/** Each line, together with those that continue its command. */
const linesOf = (document: string) =>
  readFileSync(document, 'utf8').replaceAll('\\\n', ' ').split('\n')

const matchesIn = (document: string, pattern: RegExp) =>
  linesOf(document).flatMap((line) => Array.from(line.matchAll(pattern), ([, found = '']) => found))

test('the documents give commands', () => {
  const given = DOCUMENTS.flatMap((name) => matchesIn(name, /\bnpm run (?:-s )?([\w-]+)/g))
  expect(new Set(given).size).toBeGreaterThan(15)
})

test.each(DOCUMENTS)('%s: every command is a script of this repository', (name) => {
  const called = matchesIn(name, /\bnpm run (?:-s )?([\w-]+)/g)
  expect(called.filter((script) => !(script in scripts))).toEqual([])
})

test.each(DOCUMENTS)('%s: every option of a command is one that the commands know', (name) => {
  const given = linesOf(name).flatMap((line) => {
    const [, ours = ''] = /\bnpm run (?:-s )?(?!jest|dbt)[\w-]+ -- ([^|;&#`]*)/.exec(line) ?? []
    return Array.from(ours.matchAll(/(?<=^|\s)(--[a-z][\w-]*)/g), ([, option = '']) => option)
  })
  expect(given.filter((option) => !options.has(option))).toEqual([])
})

test.each(DOCUMENTS)('%s: every task queue is one that workers poll by default', (name) => {
  const named = [
    ...matchesIn(name, /--task-queue[ =]([\w-]+)/g),
    ...matchesIn(name, /task queues? `([\w-]+)`/g),
  ]
  expect([queue, activationQueue(queue)]).toEqual(expect.arrayContaining(named))
})

test.each(DOCUMENTS)('%s: kubectl selects pods by labels that they have', (name) => {
  const selectors = matchesIn(name, /\bkubectl\b.* -l ([\w./=-]+)/g)
  expect(podLabels()).toEqual(expect.arrayContaining(selectors))
})

function podLabels(): string[] {
  const pod = z.looseObject({ metadata: z.object({ labels: z.record(z.string(), z.string()) }) })
  const workload = z.looseObject({ spec: z.looseObject({ template: pod }) })
  return filesOf('deploy/k8s/base').flatMap((name) =>
    parseAllDocuments(readFileSync(name, 'utf8')).flatMap((document) => {
      const { data } = workload.safeParse(document.toJS())
      const labels = Object.entries(data?.spec.template.metadata.labels ?? {})
      return labels.map(([key, value]) => `${key}=${value}`)
    }),
  )
}

function filesOf(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
}
