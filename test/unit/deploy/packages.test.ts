// The image has production packages only, and npm installs from a complete lock file only: both are checked here.

import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { z } from 'zod'

const FOLDERS = [
  'activities',
  'bridge',
  'cli',
  'contracts',
  'deploy',
  'runtime',
  'workers',
  'workflows',
]

const names = z.record(z.string(), z.string()).default({})
const { dependencies } = z
  .object({ dependencies: names })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')))
const { packages } = z
  .object({
    packages: z.record(
      z.string(),
      z.object({ dependencies: names, optionalDependencies: names, devDependencies: names }),
    ),
  })
  .parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))

test.each(FOLDERS)('%s/ imports production packages only', (folder) => {
  const imported = sourcesIn(folder).flatMap(packagesOf)
  const missing = imported.filter((name) => !(name in dependencies))
  expect([...new Set(missing)]).toEqual([])
})

test('what runs TypeScript as written is a production package', () => {
  expect(dependencies).toHaveProperty('tsx')
})

// An install on one platform can leave the packages of the others out, and `npm ci` then refuses the file.
test('the lock file names every package of every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, each]) => {
    const needed = { ...each.dependencies, ...each.optionalDependencies, ...each.devDependencies }
    return Object.keys(needed).filter((name) => !isLocked(path, name))
  })
  expect(missing).toEqual([])
})

/** Node looks for a package beside the one that needs it, then in each folder above. */
function isLocked(path: string, name: string): boolean {
  if (join(path, 'node_modules', name) in packages) return true
  return (
    path !== '' && isLocked(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name)
  )
}

function sourcesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return entries.filter((name) => /\.[jt]s$/.test(name)).map((name) => join(folder, name))
}

function packagesOf(file: string): string[] {
  const source = readFileSync(file, 'utf8')
  const specifiers = [...source.matchAll(/(?:\bfrom |\bimport\(|^import )'([^']+)'/gm)]
  return specifiers
    .map(([, specifier = '']) => specifier)
    .filter((specifier) => !/^[.#]|^node:/.test(specifier) && !builtinModules.includes(specifier))
    .map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'))
}
