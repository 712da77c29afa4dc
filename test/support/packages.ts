// What package.json and package-lock.json say: which packages an installation gets.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const names = z.record(z.string(), z.string()).default({})
const manifest = z.object({ dependencies: names })
const lockedPackage = z.object({
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  devDependencies: names,
  resolved: z.string().optional(),
})

/** The workspace that lists what the development kit needs and production does not. */
export const KIT = 'deploy/local/packages'

export const productionPackages = dependenciesOf('package.json')
export const kitPackages = dependenciesOf(`${KIT}/package.json`)

/** By the path npm installs each at. */
export const locked = z
  .object({ packages: z.record(z.string(), lockedPackage) })
  .parse(JSON.parse(readFileSync('package-lock.json', 'utf8'))).packages

/** Where a package finds another: in its own node_modules, else in those of each folder above. */
export function findLocked(path: string, name: string): string | undefined {
  const candidate = join(path, 'node_modules', name)
  if (candidate in locked) return candidate
  if (path === '') return undefined
  return findLocked(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name)
}

/** The paths of everything `npm ci --omit=dev --workspaces=false` installs. */
export function installedInProduction(): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (path: string, needed: readonly string[]) => {
    for (const name of needed) {
      const at = findLocked(path, name)
      if (at === undefined || found.has(at)) continue
      found.add(at)
      visit(at, neededBy(at))
    }
  }
  visit('', productionPackages)
  return found
}

function neededBy(path: string): string[] {
  const each = locked[path]
  return Object.keys({
    ...each?.dependencies,
    ...each?.optionalDependencies,
    ...each?.peerDependencies,
  })
}

function dependenciesOf(file: string): string[] {
  return Object.keys(manifest.parse(JSON.parse(readFileSync(file, 'utf8'))).dependencies)
}
