// What production installs, and what its processes reach: npm installs from a complete lock file only.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { packagesOf, reachedFrom } from '../../support/imports.ts'
import {
  findLocked,
  installedInProduction,
  KIT,
  kitPackages,
  locked,
  productionPackages,
} from '../../support/packages.ts'
import { sourceFiles } from '../../support/source-files.ts'

const FOLDERS = [...new Set(sourceFiles().map((file) => file.slice(0, file.indexOf('/'))))].filter(
  (folder) => folder !== 'test' && folder !== 'bench',
)

/** What the production image starts, or loads as Temporal's workflows. */
const PRODUCTION_MAINS = [
  'bridge/main.ts',
  'cli/main.ts',
  'deploy/codec-server/main.ts',
  'workers/build-workflow-bundle.ts',
  'workers/main.ts',
  'workflows/index.ts',
]

/** Its dynamic imports are the commands' only way to the development kit. */
const WAY_TO_KIT = 'cli/local.ts'

/** It imports tsx where Node does not run TypeScript by itself, which the image's Node does. */
const THREAD_ENTRY = 'workers/isolation/thread-entry.js'

/** Only `npm run generate` reads it, on the machines of developers. */
const NOT_IN_IMAGE = 'deploy/grafana'

test('the image leaves out what only developers run', () => {
  expect(readFileSync('.dockerignore', 'utf8').split('\n')).toContain(NOT_IN_IMAGE)
})

test.each(FOLDERS)('%s/ imports no development package', (folder) => {
  const known = [...productionPackages, ...kitPackages]
  const imported = sourceFiles()
    .filter((file) => file.startsWith(`${folder}/`) && !file.startsWith(`${NOT_IN_IMAGE}/`))
    .flatMap(packagesOf)
  expect(imported.filter((name) => !known.includes(name))).toEqual([])
})

test.each(PRODUCTION_MAINS)('%s reaches production packages only, and no local stack', (main) => {
  const { files, packages } = reachedFrom(main, [WAY_TO_KIT, THREAD_ENTRY])
  expect(packages.length).toBeGreaterThan(0)
  expect(packages.filter((name) => !productionPackages.includes(name))).toEqual([])
  expect(files.filter((file) => file.startsWith('deploy/local/'))).toEqual([])
})

test("the kit's packages are in use, and all of them by the way to the kit or as tools", () => {
  const { packages } = reachedFrom(WAY_TO_KIT, [])
  expect(kitPackages.filter((name) => !packages.includes(name))).toEqual(['tsx'])
})

/** Google's clients need it in production, too. */
const NEEDED_BY_BOTH = ['protobufjs']

test('production installs nothing that only the development kit needs', () => {
  const installed = [...installedInProduction()]
  const onlyOfKit = kitPackages.filter((name) => !NEEDED_BY_BOTH.includes(name))
  const ofKit = onlyOfKit.flatMap((name) => findLocked(KIT, name) ?? [])
  expect(ofKit).toHaveLength(kitPackages.length - NEEDED_BY_BOTH.length)
  expect(installed.length).toBeGreaterThan(productionPackages.length)
  expect(installed.filter((path) => ofKit.includes(path) || /duckdb|esbuild/.test(path))).toEqual(
    [],
  )
})

// An install on one platform can leave the packages of the others out, and `npm ci` then refuses the file.
test('the lock file names every package of every platform', () => {
  const missing = Object.entries(locked).flatMap(([path, each]) => {
    const needed = { ...each.dependencies, ...each.optionalDependencies, ...each.devDependencies }
    return Object.keys(needed).filter((name) => findLocked(path, name) === undefined)
  })
  expect(missing).toEqual([])
})

test('the lock file names no registry', () => {
  expect(Object.values(locked).flatMap(({ resolved }) => resolved ?? [])).toEqual([KIT])
})
