// Which files and packages a main reaches by its imports, those of types alone left out.

import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'

/** A value import or re-export; Node's type stripping removes those that say `type`. */
const STATIC = /^(?:import|export)\s(?!type\b)(?:[^'";]*?\sfrom\s)?\s*'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'/g

export type Reached = { readonly files: readonly string[]; readonly packages: readonly string[] }

/** @param withoutDynamic the files whose dynamic imports are not followed */
export function reachedFrom(main: string, withoutDynamic: readonly string[]): Reached {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string) => {
    if (files.has(file)) return
    files.add(file)
    for (const specifier of specifiersOf(file, !withoutDynamic.includes(file))) {
      const target = fileOf(file, specifier)
      if (target === undefined) packages.add(packageOf(specifier))
      else visit(target)
    }
  }
  visit(main)
  return { files: [...files], packages: [...packages].filter((name) => !isBuiltin(name)) }
}

/** The packages a file imports, statically or not. */
export function packagesOf(file: string): string[] {
  return specifiersOf(file, true)
    .filter((specifier) => fileOf(file, specifier) === undefined)
    .map(packageOf)
    .filter((name) => !isBuiltin(name))
}

function specifiersOf(file: string, withDynamic: boolean): string[] {
  const source = readFileSync(file, 'utf8')
  const patterns = withDynamic ? [STATIC, DYNAMIC] : [STATIC]
  return patterns.flatMap((each) =>
    [...source.matchAll(each)].map(([, specifier = '']) => specifier),
  )
}

/** The aliases are those of package.json. */
function fileOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(file, '..', specifier)
  if (specifier === '#contracts') return 'contracts/index.ts'
  return specifier.startsWith('#') ? `${specifier.slice(1)}.ts` : undefined
}

const packageOf = (specifier: string) =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name)
