// Which files and packages a source file imports, in every form there is.

import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { parseSync } from '@swc/core'

export type Import = {
  readonly specifier: string
  /** Node's type stripping removes it. */
  readonly isType: boolean
  readonly isDynamic: boolean
}

/** What stands for a specifier that the source computes. */
export const COMPUTED = '(computed)'

export type Reached = { readonly files: readonly string[]; readonly packages: readonly string[] }

/** @param withoutDynamic the files whose dynamic imports are not followed */
export function reachedFrom(main: string, withoutDynamic: readonly string[]): Reached {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string) => {
    if (files.has(file)) return
    files.add(file)
    for (const each of loadedBy(file)) {
      if (each.isDynamic && withoutDynamic.includes(file)) continue
      const target = fileOf(file, each.specifier)
      if (target === undefined) packages.add(packageOf(each.specifier))
      else visit(target)
    }
  }
  visit(main)
  return { files: [...files], packages: [...packages].filter((name) => !isBuiltin(name)) }
}

/** The packages a file imports, statically or not, those of types alone left out. */
export function packagesOf(file: string): string[] {
  return loadedBy(file)
    .filter(({ specifier }) => fileOf(file, specifier) === undefined)
    .map(({ specifier }) => packageOf(specifier))
    .filter((name) => !isBuiltin(name))
}

const loadedBy = (file: string) =>
  importsOf(file).filter(({ isType, specifier }) => !isType && specifier !== COMPUTED)

/** All imports of a file, and the file of this repository each names, if it does. */
export function resolvedImports(file: string): (Import & { readonly target?: string })[] {
  return importsOf(file).map((each) => {
    const target = fileOf(file, each.specifier)
    return target === undefined ? each : { ...each, target }
  })
}

const importsOf = (file: string) => importsIn(readFileSync(file, 'utf8'))

/**
 * Static imports and re-exports, `import()` of values and of types, `import … = require()`, and the source files that
 * `new URL(…, import.meta.url)` names, as threads are.
 */
export function importsIn(source: string): Import[] {
  return collectImports(parseSync(source, { syntax: 'typescript', target: 'es2023' }))
}

type Node = { readonly type: string; readonly [key: string]: unknown }

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isNode = (value: unknown): value is Node =>
  isObject(value) && typeof value['type'] === 'string'

/** The imports anywhere below `value`. */
function collectImports(value: unknown, found: Import[] = []): Import[] {
  if (!isObject(value)) return found
  const own = isNode(value) ? importOf(value) : undefined
  if (own) found.push(own)
  for (const inner of Object.values(value)) if (isObject(inner)) collectImports(inner, found)
  return found
}

function importOf(node: Node): Import | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return node['source']
        ? named(node['source'], { isType: node['typeOnly'] === true })
        : undefined
    case 'TsImportType':
      return named(node['argument'], { isType: true })
    case 'TsExternalModuleReference':
      return named(node['expression'])
    case 'CallExpression':
      return isNode(node['callee']) && node['callee'].type === 'Import'
        ? named(firstArgument(node), { isDynamic: true })
        : undefined
    case 'NewExpression':
      return sourceNamedByUrl(node)
    default:
      return undefined
  }
}

const named = (text: unknown, kind: Partial<Import> = {}): Import => ({
  specifier: textOf(text) ?? COMPUTED,
  isType: false,
  isDynamic: false,
  ...kind,
})

function sourceNamedByUrl(node: Node): Import | undefined {
  const text = textOf(firstArgument(node)) ?? ''
  if (!/\.[jt]s$/.test(text)) return undefined
  return { specifier: text.startsWith('.') ? text : `./${text}`, isType: false, isDynamic: false }
}

function firstArgument(node: Node): unknown {
  const [first]: unknown[] = Array.isArray(node['arguments']) ? node['arguments'] : []
  return isObject(first) ? first['expression'] : undefined
}

function textOf(node: unknown): string | undefined {
  if (!isObject(node)) return undefined
  if (typeof node['value'] === 'string') return node['value']
  const quasis: unknown[] = Array.isArray(node['quasis']) ? node['quasis'] : []
  const [whole] = quasis
  return quasis.length === 1 && isObject(whole) ? String(whole['cooked']) : undefined
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
