// Lint refuses exactly what the table of CONTRIBUTING.md does not allow, by alias and by relative path.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { groupBy } from '#runtime/group-by'
import { type Allowed, isAllowed, readArrows, roomOf } from '../../support/arrows.ts'

const TABLE = readArrows(readFileSync('CONTRIBUTING.md', 'utf8'))

const config = z.object({
  overrides: z.array(
    z.object({ files: z.array(z.string()), rules: z.record(z.string(), z.unknown()) }),
  ),
})

const report = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string().optional(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.number() }) })),
    }),
  ),
})

/** Tests import everything, and lint has no rule for them. */
const FENCED = TABLE.filter(({ everything }) => !everything)

type Probe = { readonly file: string; readonly target: string; readonly line: string }

test('lint and the table agree on every pair of folders', () => {
  const probes = FENCED.flatMap(({ room }) => filesOf(room).flatMap(probesFrom))
  const isExpected = ({ file, target, line }: Probe) =>
    !isAllowed({ file, target, isType: line.startsWith('import type') }, TABLE)
  const expected = probes.filter(isExpected).map(written)
  expect(expected.length).toBeGreaterThan(500)
  expect(probes.length).toBeGreaterThan(expected.length)
  expect(new Set(refusedByLint(probes).map(written))).toEqual(new Set(expected))
})

const written = ({ file, line }: Probe) => `${file}: ${line}`

/** A file in the folder itself, and one further down, where a path tells whether it leaves the folder. */
function filesOf(room: string): string[] {
  if (!room.endsWith('/')) return [room]
  const isNested = room.startsWith('deploy/') || room.split('/').length > 2
  return isNested ? [`${room}probe.ts`] : [`${room}probe.ts`, `${room}further/down/probe.ts`]
}

function probesFrom(file: string): Probe[] {
  const others = TABLE.filter((to) => to !== roomOf(file, TABLE) && to.room !== 'cli/local.ts')
  return others.flatMap((to) =>
    importsFrom(file, to).map((line) => ({ file, target: fileIn(to), line })),
  )
}

/** Of the contracts, one that workflows may import. */
const fileIn = ({ room }: Allowed) => (room.endsWith('/') ? `${room}batch.ts` : room)

const ALIASED = ['contracts/', 'runtime/', 'warehouse/', 'activation/', 'operations/']

function importsFrom(file: string, to: Allowed): string[] {
  const path = relative(dirname(file), fileIn(to))
  const specifiers = [path.startsWith('.') ? path : `./${path}`]
  if (ALIASED.includes(to.room)) specifiers.push(`#${to.room}batch`)
  // One file holds all of its probes: each has a name of its own.
  return specifiers.flatMap((specifier, i) => {
    const name = `${to.room.replaceAll(/\W/g, '_')}${i}`
    return [
      `import { a as ${name} } from '${specifier}'`,
      `import type { A as T_${name} } from '${specifier}'`,
      `export { a as ${name} } from '${specifier}'`,
    ]
  })
}

/** In a folder that holds nothing but the probes, outside the repository: lint skips what git ignores. */
function refusedByLint(probes: readonly Probe[]): Probe[] {
  const root = mkdtempSync(join(tmpdir(), 'car-events-lint-'))
  try {
    writeFileSync(join(root, '.oxlintrc.json'), JSON.stringify(importRules()))
    const files = groupBy(probes, ({ file }) => file)
    for (const [file, own] of files) write(join(root, file), own.map(({ line }) => line).join('\n'))
    const binary = resolve('node_modules/.bin/oxlint')
    const { stdout } = spawnSync(binary, ['--format', 'json'], {
      cwd: root,
      encoding: 'utf8',
    })
    return report.parse(JSON.parse(stdout)).diagnostics.flatMap(({ code, filename, labels }) => {
      if (code !== 'eslint(no-restricted-imports)') return []
      const line = labels[0]?.span.line ?? 0
      return files.get(filename)?.[line - 1] ?? []
    })
  } finally {
    rmSync(root, { recursive: true })
  }
}

function importRules(): object {
  const { overrides } = config.parse(JSON.parse(readFileSync('.oxlintrc.json', 'utf8')))
  const rule = 'no-restricted-imports'
  const kept = overrides.filter(({ rules }) => rule in rules)
  return {
    plugins: [],
    categories: { correctness: 'off' },
    overrides: kept.map(({ files, rules }) => ({ files, rules: { [rule]: rules[rule] } })),
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
